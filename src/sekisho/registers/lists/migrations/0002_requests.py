from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lists", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ListRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(max_length=40, unique=True)),
                ("wanted", models.JSONField()),
                ("asked_by", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField(db_index=True)),
                ("list_ref", models.CharField(blank=True, max_length=24)),
            ],
        ),
    ]
