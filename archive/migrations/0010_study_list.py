"""What the list of studies finds and sorts by, and what people keep; the next migration fills it in for what is stored."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("archive", "0009_crc32"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedWorklist",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(blank=True, max_length=2000)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="StudyDescriptionKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(blank=True, default="", max_length=400)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="StudyListColumns",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("columns", models.CharField(max_length=400)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="StudyVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("visited_at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="patient",
            name="patient_name_key",
            field=models.CharField(blank=True, default="", editable=False, max_length=400),
        ),
        migrations.AlterField(
            model_name="patientnamekey",
            name="key",
            field=models.CharField(blank=True, default="", max_length=400),
        ),
        migrations.AlterField(
            model_name="patientnamekey",
            name="patient",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="name_keys",
                to="archive.patient",
            ),
        ),
        migrations.AlterField(
            model_name="referringphysiciannamekey",
            name="key",
            field=models.CharField(blank=True, default="", max_length=400),
        ),
        migrations.AlterField(
            model_name="referringphysiciannamekey",
            name="study",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="referring_physician_name_keys",
                to="archive.study",
            ),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(fields=["patient_name_key", "id"], name="patient_by_name"),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(fields=["patient_id", "id"], name="patient_by_patient_id"),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(fields=["patient_birth_date", "id"], name="patient_by_birth_date"),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(fields=["patient_sex", "id"], name="patient_by_sex"),
        ),
        migrations.AddIndex(
            model_name="patientnamekey",
            index=models.Index(
                fields=["key", "patient"], name="name_keys_by_key", opclasses=["varchar_pattern_ops", "int8_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="patientnamekey",
            index=models.Index(fields=["patient", "key"], name="name_keys_of_patient"),
        ),
        migrations.AddIndex(
            model_name="referringphysiciannamekey",
            index=models.Index(
                fields=["key", "study"], name="referrer_keys_by_key", opclasses=["varchar_pattern_ops", "int8_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="referringphysiciannamekey",
            index=models.Index(fields=["study", "key"], name="referrer_keys_of_study"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["study_date", "study_time_key", "id"], name="study_by_moment"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["accession_number", "id"], name="study_by_accession_number"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["study_description", "id"], name="study_by_description"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["referring_physician_name", "id"], name="study_by_referring_physician"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["modalities_in_study", "id"], name="study_by_modalities"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["number_of_study_related_series", "id"], name="study_by_series"),
        ),
        migrations.AddIndex(
            model_name="study",
            index=models.Index(fields=["number_of_study_related_instances", "id"], name="study_by_instances"),
        ),
        migrations.AddField(
            model_name="savedworklist",
            name="group",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="auth.group"
            ),
        ),
        migrations.AddField(
            model_name="savedworklist",
            name="owner",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="studydescriptionkey",
            name="study",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="description_keys",
                to="archive.study",
            ),
        ),
        migrations.AddField(
            model_name="studyvisit",
            name="study",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="archive.study"),
        ),
        migrations.AddField(
            model_name="studyvisit",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="savedworklist",
            constraint=models.CheckConstraint(
                condition=models.Q(("owner", None), ("group", None), _connector="XOR"),
                name="worklist_has_an_owner_or_a_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedworklist",
            constraint=models.UniqueConstraint(fields=("owner", "name"), name="worklist_of_an_owner"),
        ),
        migrations.AddConstraint(
            model_name="savedworklist",
            constraint=models.UniqueConstraint(fields=("group", "name"), name="worklist_of_a_group"),
        ),
        migrations.AddIndex(
            model_name="studydescriptionkey",
            index=models.Index(
                fields=["key", "study"], name="description_keys_by_key", opclasses=["varchar_pattern_ops", "int8_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="studydescriptionkey",
            index=models.Index(fields=["study", "key"], name="description_keys_of_study"),
        ),
        migrations.AddConstraint(
            model_name="studyvisit",
            constraint=models.UniqueConstraint(fields=("user", "study"), name="visit_is_the_last_one"),
        ),
    ]
