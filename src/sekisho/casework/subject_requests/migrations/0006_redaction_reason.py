"""On what a redaction was lifted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("subject_requests", "0005_effects"),)

    operations = (
        migrations.AddField(
            model_name="redaction",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=24),
            preserve_default=False,
        ),
    )
