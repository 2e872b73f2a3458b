"""What a proof said, in English too; looks taken before this stay in Japanese until the next one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two texts beside the Japanese ones."""

    dependencies = [("promises", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="promisecheck", name="figure_en", field=models.TextField(blank=True, default="")
        ),
        migrations.AddField(model_name="promisecheck", name="why_en", field=models.TextField(blank=True, default="")),
    ]
