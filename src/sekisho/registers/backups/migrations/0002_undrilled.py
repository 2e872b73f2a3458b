from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backups", "0001_initial")]

    operations = [migrations.AddField("drill", "undrilled", models.JSONField(default=list))]
