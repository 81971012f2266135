"""The pages of the worklist."""

from django.urls import path

from workflow.pages import study_steps

app_name = "workflow"

urlpatterns = [
    path("studies/<str:study>/steps", study_steps.study_steps, name="study_steps"),
]
