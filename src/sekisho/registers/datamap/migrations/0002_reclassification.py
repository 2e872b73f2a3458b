from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datamap", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reclassification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(max_length=32, unique=True)),
                ("system", models.CharField(max_length=64)),
                ("table", models.CharField(max_length=64)),
                ("column", models.CharField(max_length=64)),
                ("basis", models.CharField(max_length=64)),
                ("inherited", models.JSONField()),
                ("items", models.JSONField()),
                ("reason", models.TextField()),
                ("proposed_by", models.CharField(max_length=64)),
                ("proposed_at", models.DateTimeField()),
                ("approved_by", models.CharField(blank=True, max_length=64)),
                ("approved_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=64)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                        name="reclassified_by_two_people",
                    )
                ],
            },
        ),
    ]
