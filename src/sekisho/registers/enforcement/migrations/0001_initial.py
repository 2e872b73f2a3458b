from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='EnforcedViews',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(max_length=64)),
                ('purpose', models.CharField(max_length=64)),
                ('channel', models.CharField(blank=True, max_length=16)),
                ('era', models.CharField(max_length=96)),
                ('sha256', models.CharField(max_length=64)),
                ('ordered_at', models.DateTimeField()),
                ('ordered_by', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('system', 'purpose'), name='one_set_of_views')],
            },
        ),
        migrations.CreateModel(
            name='ViewLogin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(max_length=64)),
                ('login', models.CharField(max_length=63)),
                ('actor', models.CharField(max_length=64)),
                ('enrolled_at', models.DateTimeField()),
                ('enrolled_by', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('system', 'login'), name='one_actor_per_login')],
            },
        ),
    ]
