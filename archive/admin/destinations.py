"""Destinations in the admin: where studies can be sent to, and whether they would be taken there."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from archive.admin_pages import count_of, link_to_list
from archive.errors import NotAnAddress
from archive.models import Destination, SendOrder
from archive.sealed import SecretUnreadable, seal
from archive.sending.addresses import service_url
from archive.sending.client import DestinationAway
from archive.sending.trial import trial

MANAGE = "archive.manage_destination"
#: Each may take as long as the destination does not answer.
MOST_TRIED = 5

SignIn = Destination.SignIn


class DestinationForm(forms.ModelForm):  # type: ignore[type-arg]
    """The secret goes in, and never comes out again."""

    new_secret = forms.CharField(
        label="Token or password",
        required=False,
        max_length=4000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="It is kept encrypted, and not shown again. Empty: the one that is there stays.",
    )

    def clean_url(self) -> str:
        try:
            return service_url(self.cleaned_data["url"])
        except NotAnAddress as error:
            raise ValidationError(str(error)) from error

    def clean_new_secret(self) -> str:
        secret: str = self.cleaned_data["new_secret"]
        if not secret.isprintable():
            raise ValidationError("There are characters in it that no token and no password has.")
        return secret

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        sign_in, secret = values.get("sign_in", SignIn.NONE), values.get("new_secret", "")
        if sign_in != SignIn.NONE and not secret and not self.instance.secret:
            self.add_error("new_secret", "This way to sign in needs one.")
        if sign_in in {SignIn.BEARER, SignIn.TOKEN} and not secret.isascii():
            self.add_error("new_secret", "A token has letters, digits and signs of ASCII.")
        if sign_in == SignIn.BASIC and (":" in values.get("user_name", "") or not values.get("user_name")):
            self.add_error("user_name", "A user name is needed, without a colon.")
        before = self.instance
        moved = (values.get("url", before.url), sign_in) != (before.url, before.sign_in)
        if before.secret and moved and sign_in != SignIn.NONE and not secret:
            self.add_error("new_secret", "It was for another address, or another way to sign in: enter it again.")
        return values

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data["sign_in"] == SignIn.NONE:
            self.instance.secret = b""
        elif secret := self.cleaned_data["new_secret"]:
            self.instance.secret = seal(secret)
        return super().save(commit)


@admin.register(Destination)
class DestinationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = DestinationForm
    list_display = ("name", "url", "sign_in", "deidentified_only", "enabled", "orders")
    list_filter = ("enabled",)
    search_fields = ("name", "url")
    ordering = ("name",)
    fields = ("name", "url", "sign_in", "user_name", "new_secret", "groups", "deidentified_only", "enabled")
    filter_horizontal = ("groups",)
    actions = ("try_it",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Destination]:
        number = count_of(SendOrder.objects.all(), "destination")
        found: QuerySet[Destination] = super().get_queryset(request).annotate(number_of_orders=number)
        return found

    @admin.display(description="orders", ordering="number_of_orders")
    def orders(self, destination: Any) -> SafeString:
        return link_to_list(SendOrder, str(destination.number_of_orders), destination__id__exact=destination.pk)

    @admin.action(description="Try whether it can be sent to", permissions=["change"])
    def try_it(self, request: HttpRequest, queryset: QuerySet[Destination]) -> None:
        for destination in queryset.order_by("name")[:MOST_TRIED]:
            try:
                problem = trial(destination)
            except (SecretUnreadable, DestinationAway) as error:
                problem = str(error)
            said = problem or "It answers, and lets this archive in. Nothing has been stored."
            level = messages.ERROR if problem else messages.SUCCESS
            self.message_user(request, f"{destination}: {said}", level)

    # -- one permission for all --------------------------------------------------

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(MANAGE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MANAGE)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(MANAGE)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(MANAGE)
