from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batch_jobs", "0002_why_values")]

    operations = [
        migrations.AddField("jobrequest", "acknowledged_by", models.CharField(blank=True, default="", max_length=64), False),
        migrations.AddField("jobrequest", "acknowledged_at", models.DateTimeField(null=True)),
        migrations.AddField("jobschedule", "at", models.CharField(blank=True, default="", max_length=5), False),
        migrations.AddField("jobschedule", "every_minutes", models.PositiveIntegerField(null=True)),
    ]
