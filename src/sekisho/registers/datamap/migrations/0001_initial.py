from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DataMapVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("map_id", models.CharField(max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                ("text", models.TextField()),
                ("adopted_at", models.DateTimeField()),
                ("adopted_by", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ("id",),
            },
        ),
    ]
