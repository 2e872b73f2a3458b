"""Requests by web that wait for their e-mail address to be confirmed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("subject_requests", "0007_frauds"),)

    operations = (
        migrations.CreateModel(
            name="WebRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(max_length=24, unique=True)),
                ("kind", models.CharField(max_length=32)),
                ("mail_mark", models.CharField(db_index=True, max_length=64)),
                ("code_hash", models.CharField(max_length=128)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "arrival",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="web_request",
                        to="subject_requests.arrival",
                    ),
                ),
            ],
        ),
    )
