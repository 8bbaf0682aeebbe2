from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fieldstone", "0010_issued_again"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("key", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("ends_at", models.DateTimeField(db_index=True)),
                ("count", models.PositiveIntegerField(default=1)),
            ],
        ),
    ]
