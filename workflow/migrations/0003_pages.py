import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0002_groups"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "workitem",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="claim",
                        serialize=False,
                        to="workflow.workitem",
                    ),
                ),
                ("ae_title", models.CharField(max_length=16, verbose_name="AE title")),
                ("claimed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("cancel_requested_at", models.DateTimeField(null=True)),
                ("cancel_request", models.BinaryField(default=b"")),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["sop_instance_uid", "id"], name="events_of_a_workitem"),
        ),
        migrations.AddIndex(
            model_name="indexedvalue",
            index=models.Index(
                condition=models.Q(("path", "00404025.00080100")), fields=["value"], name="worklist_stations"
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                fields=[
                    "procedure_step_state",
                    "scheduled_procedure_step_priority",
                    "worklist_label",
                    "expected_completion_date_time",
                    "expected_completion_as_shown",
                    "scheduled_procedure_step_start_date_time",
                    "scheduled_procedure_step_start_as_shown",
                    "id",
                ],
                name="worklist_at_a_glance",
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(fields=["procedure_step_label", "id"], name="worklist_by_label"),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(fields=["patient_name", "id"], name="worklist_by_patient"),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(fields=["worklist_label", "id"], name="worklist_labels"),
        ),
        migrations.AddField(
            model_name="claim",
            name="user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
    ]
