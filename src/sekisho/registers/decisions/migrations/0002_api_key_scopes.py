from django.db import migrations, models

import sekisho.registers.decisions.models


class Migration(migrations.Migration):
    dependencies = [
        ('decisions', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='scopes',
            field=models.JSONField(default=sekisho.registers.decisions.models.asking_only),
        ),
    ]
