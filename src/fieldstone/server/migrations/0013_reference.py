"""What others publish, in versions, and the full-text index over its words."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import fieldstone.server.ledger.ids

SQLITE = [
    "CREATE VIRTUAL TABLE fieldstone_searchindex USING fts5(folded, content='fieldstone_searchtext',"
    " content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='2 3 4')",
    "CREATE TRIGGER fieldstone_searchindex_add AFTER INSERT ON fieldstone_searchtext BEGIN"
    " INSERT INTO fieldstone_searchindex(rowid, folded) VALUES (NEW.id, NEW.folded); END",
    "CREATE TRIGGER fieldstone_searchindex_remove AFTER DELETE ON fieldstone_searchtext BEGIN"
    " INSERT INTO fieldstone_searchindex(fieldstone_searchindex, rowid, folded) VALUES ('delete', OLD.id, OLD.folded);"
    " END",
]
SQLITE_BACK = [
    "DROP TRIGGER fieldstone_searchindex_remove",
    "DROP TRIGGER fieldstone_searchindex_add",
    "DROP TABLE fieldstone_searchindex",
]
POSTGRESQL = [
    "CREATE INDEX fieldstone_searchindex ON fieldstone_searchtext USING gin (to_tsvector('simple', folded))",
]
POSTGRESQL_BACK = ["DROP INDEX fieldstone_searchindex"]


def add_search(apps: Any, schema_editor: Any) -> None:
    """The full-text index: FTS5 in SQLite, kept by triggers; GIN in PostgreSQL."""
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def remove_search(apps: Any, schema_editor: Any) -> None:
    for statement in SQLITE_BACK if schema_editor.connection.vendor == "sqlite" else POSTGRESQL_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ("fieldstone", "0012_workplace"),
    ]

    operations = [
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=20)),
                ('series', models.CharField(blank=True, max_length=200)),
                ('version', models.CharField(max_length=80)),
                ('source_name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('imported_at', models.DateTimeField()),
                ('is_current', models.BooleanField(default=False)),
                ('rows', models.PositiveIntegerField()),
                ('report', models.JSONField(default=dict)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('kind', 'series'), name='release_one_current_of_a_kind'), models.UniqueConstraint(fields=('kind', 'series', 'sha256'), name='release_of_a_file_once')],
            },
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('occupation', models.CharField(max_length=10)),
                ('element', models.CharField(max_length=20)),
                ('kind', models.CharField(choices=[('skill', 'skill'), ('knowledge', 'knowledge')], max_length=12)),
                ('importance', models.FloatField(null=True)),
                ('level', models.FloatField(null=True)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'occupation', 'kind', 'element'), name='rating_once'), models.CheckConstraint(condition=models.Q(('importance', None), ('importance__range', (0, 5)), _connector='OR'), name='rating_importance_1_to_5'), models.CheckConstraint(condition=models.Q(('level', None), ('level__range', (0, 7)), _connector='OR'), name='rating_level_0_to_7')],
            },
        ),
        migrations.CreateModel(
            name='Projection',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=7)),
                ('title', models.CharField(max_length=300)),
                ('line_item', models.BooleanField()),
                ('employment', models.PositiveIntegerField(null=True)),
                ('employment_then', models.PositiveIntegerField(null=True)),
                ('growth', models.FloatField(null=True)),
                ('openings', models.PositiveIntegerField(null=True)),
                ('self_employed', models.FloatField(null=True)),
                ('education', models.CharField(blank=True, max_length=60)),
                ('experience', models.CharField(blank=True, max_length=60)),
                ('training', models.CharField(blank=True, max_length=60)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'code'), name='projection_once')],
            },
        ),
        migrations.CreateModel(
            name='Occupation',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=10)),
                ('soc', models.CharField(max_length=7)),
                ('title_en', models.CharField(max_length=300)),
                ('title_es', models.CharField(blank=True, max_length=300)),
                ('job_zone', models.PositiveSmallIntegerField(null=True)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'indexes': [models.Index(fields=['release', 'soc'], name='occupation_by_soc')],
                'constraints': [models.UniqueConstraint(fields=('release', 'code'), name='occupation_once'), models.CheckConstraint(condition=models.Q(('job_zone', None), ('job_zone__range', (1, 5)), _connector='OR'), name='job_zone_1_to_5')],
            },
        ),
        migrations.CreateModel(
            name='InstitutionFlag',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('unitid', models.PositiveIntegerField()),
                ('hbcu', models.BooleanField(null=True)),
                ('tribal', models.BooleanField(null=True)),
                ('hsi', models.BooleanField(null=True)),
                ('msi', models.BooleanField(null=True)),
                ('womens', models.BooleanField(null=True)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'unitid'), name='institution_flag_once')],
            },
        ),
        migrations.CreateModel(
            name='Institution',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('unitid', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=200)),
                ('city', models.CharField(blank=True, max_length=80)),
                ('state', models.CharField(max_length=2)),
                ('county', models.CharField(blank=True, max_length=5)),
                ('hbcu', models.BooleanField(null=True)),
                ('tribal', models.BooleanField(null=True)),
                ('locale', models.PositiveSmallIntegerField(null=True)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'indexes': [models.Index(fields=['release', 'county'], name='institution_by_county')],
                'constraints': [models.UniqueConstraint(fields=('release', 'unitid'), name='institution_once')],
            },
        ),
        migrations.CreateModel(
            name='FrameworkLink',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('framework', models.CharField(max_length=300)),
                ('identifier', models.CharField(blank=True, max_length=300)),
                ('origin', models.CharField(max_length=300)),
                ('destination', models.CharField(max_length=300)),
                ('kind', models.CharField(max_length=60)),
                ('extra', models.JSONField(default=dict)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'indexes': [models.Index(fields=['release', 'origin'], name='framework_link_by_origin'), models.Index(fields=['release', 'destination'], name='framework_link_by_end')],
            },
        ),
        migrations.CreateModel(
            name='FrameworkItem',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('framework', models.CharField(max_length=300)),
                ('identifier', models.CharField(max_length=300)),
                ('code', models.CharField(blank=True, max_length=100)),
                ('kind', models.CharField(blank=True, max_length=100)),
                ('text_en', models.TextField(blank=True)),
                ('text_es', models.TextField(blank=True)),
                ('parent', models.CharField(blank=True, max_length=300)),
                ('extra', models.JSONField(default=dict)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'indexes': [models.Index(fields=['release', 'parent'], name='framework_item_by_parent')],
                'constraints': [models.UniqueConstraint(fields=('release', 'framework', 'identifier'), name='framework_item_once')],
            },
        ),
        migrations.CreateModel(
            name='Framework',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('identifier', models.CharField(max_length=300)),
                ('title', models.CharField(max_length=300)),
                ('kind', models.CharField(choices=[('case', 'CASE'), ('ctdl', 'CTDL'), ('esco', 'ESCO')], max_length=5)),
                ('document', models.JSONField(default=dict)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'identifier'), name='framework_once')],
            },
        ),
        migrations.CreateModel(
            name='Element',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('element', models.CharField(max_length=20)),
                ('kind', models.CharField(choices=[('skill', 'skill'), ('knowledge', 'knowledge')], max_length=12)),
                ('name_en', models.CharField(max_length=120)),
                ('name_es', models.CharField(blank=True, max_length=120)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'element'), name='element_once')],
            },
        ),
        migrations.CreateModel(
            name='CountyArea',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('fips', models.CharField(max_length=5)),
                ('area', models.CharField(max_length=7)),
                ('title', models.CharField(max_length=300)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'fips'), name='county_area_once')],
            },
        ),
        migrations.CreateModel(
            name='County',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('fips', models.CharField(max_length=5)),
                ('state', models.CharField(max_length=2)),
                ('name', models.CharField(max_length=100)),
                ('population', models.PositiveIntegerField(null=True)),
                ('rucc', models.PositiveSmallIntegerField(null=True)),
                ('metro', models.BooleanField(null=True)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'indexes': [models.Index(fields=['release', 'state', 'name'], name='county_by_state')],
                'constraints': [models.UniqueConstraint(fields=('release', 'fips'), name='county_once'), models.CheckConstraint(condition=models.Q(('rucc', None), ('rucc__range', (1, 9)), _connector='OR'), name='rucc_1_to_9')],
            },
        ),
        migrations.CreateModel(
            name='CipSoc',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('cip', models.CharField(max_length=7)),
                ('cip_title', models.CharField(max_length=300)),
                ('soc', models.CharField(max_length=7)),
                ('soc_title', models.CharField(max_length=300)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'indexes': [models.Index(fields=['release', 'soc'], name='cip_soc_by_soc')],
                'constraints': [models.UniqueConstraint(fields=('release', 'cip', 'soc'), name='cip_soc_once')],
            },
        ),
        migrations.CreateModel(
            name='Area',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=7)),
                ('title', models.CharField(max_length=300)),
                ('kind', models.CharField(choices=[('nation', 'nation'), ('state', 'state'), ('territory', 'territory'), ('metro', 'metro'), ('nonmetro', 'nonmetro')], max_length=9)),
                ('state_fips', models.CharField(blank=True, max_length=2)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'code'), name='area_once')],
            },
        ),
        migrations.CreateModel(
            name='RemoteWork',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('occupation', models.CharField(max_length=10)),
                ('capable', models.BooleanField()),
                ('reason', models.CharField(blank=True, max_length=60)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'occupation'), name='remote_work_once')],
            },
        ),
        migrations.CreateModel(
            name='SearchText',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=12)),
                ('code', models.CharField(max_length=20)),
                ('language', models.CharField(max_length=2)),
                ('text', models.TextField()),
                ('folded', models.TextField()),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'indexes': [models.Index(fields=['release', 'kind', 'code'], name='search_text_by_code')],
            },
        ),
        migrations.CreateModel(
            name='TaskStatement',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('occupation', models.CharField(max_length=10)),
                ('task', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('core', models.BooleanField(null=True)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'occupation', 'task'), name='task_once')],
            },
        ),
        migrations.CreateModel(
            name='TechnologySkill',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('occupation', models.CharField(max_length=10)),
                ('example', models.CharField(max_length=300)),
                ('commodity', models.CharField(max_length=10)),
                ('hot', models.BooleanField()),
                ('in_demand', models.BooleanField()),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'indexes': [models.Index(fields=['release', 'occupation'], name='technology_by_occupation')],
            },
        ),
        migrations.CreateModel(
            name='Wage',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('area', models.CharField(max_length=7)),
                ('soc', models.CharField(max_length=7)),
                ('title', models.CharField(max_length=300)),
                ('employment', models.PositiveIntegerField(null=True)),
                ('emp_prse', models.FloatField(null=True)),
                ('mean_prse', models.FloatField(null=True)),
                ('jobs_1000', models.FloatField(null=True)),
                ('quotient', models.FloatField(null=True)),
                ('hourly_p10', models.PositiveIntegerField(null=True)),
                ('hourly_p25', models.PositiveIntegerField(null=True)),
                ('hourly_p50', models.PositiveIntegerField(null=True)),
                ('hourly_p75', models.PositiveIntegerField(null=True)),
                ('hourly_p90', models.PositiveIntegerField(null=True)),
                ('annual_p10', models.PositiveIntegerField(null=True)),
                ('annual_p25', models.PositiveIntegerField(null=True)),
                ('annual_p50', models.PositiveIntegerField(null=True)),
                ('annual_p75', models.PositiveIntegerField(null=True)),
                ('annual_p90', models.PositiveIntegerField(null=True)),
                ('hourly_top', models.PositiveSmallIntegerField(default=0)),
                ('annual_top', models.PositiveSmallIntegerField(default=0)),
                ('release', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='fieldstone.release')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('release', 'area', 'soc'), name='wage_once'), models.CheckConstraint(condition=models.Q(('hourly_p25', None), ('hourly_p75', None), ('hourly_p25__lte', models.F('hourly_p75')), _connector='OR'), name='wage_quartiles_in_order')],
            },
        ),
        migrations.RunPython(add_search, remove_search),
    ]
