from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subject_requests', '0011_pages_read'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='arrival',
            name='arrival_state',
        ),
        migrations.AddConstraint(
            model_name='arrival',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ('state__in', ['waiting', 'cased', 'linked', 'guided', 'complaint', 'not_ours', 'unreadable'])
                ),
                name='arrival_state',
            ),
        ),
    ]
