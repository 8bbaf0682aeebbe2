
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import fieldstone.server.ledger.ids


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Award',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('stack_id', models.UUIDField(blank=True, db_index=True, null=True)),
                ('stack_version_id', models.UUIDField(blank=True, null=True)),
                ('components', models.JSONField(default=list)),
                ('code', models.CharField(max_length=20, unique=True)),
                ('sha256', models.CharField(max_length=64)),
                ('issued_at', models.DateTimeField()),
                ('valid_until', models.DateTimeField(blank=True, null=True)),
                ('audience', models.CharField(choices=[('private', 'private'), ('link', 'link'), ('public', 'public')], default='link', max_length=8)),
                ('suspended_at', models.DateTimeField(blank=True, null=True)),
                ('suspended_reason', models.CharField(blank=True, max_length=300)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_reason', models.CharField(blank=True, max_length=300)),
                ('revoked_by', models.UUIDField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Blob',
            fields=[
                ('sha256', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('size', models.PositiveBigIntegerField()),
                ('media_type', models.CharField(max_length=80)),
                ('stored_at', models.DateTimeField()),
                ('light', models.PositiveSmallIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ConsortiumMember',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('joined_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_index=True)),
                ('verb', models.CharField(db_index=True, max_length=60)),
                ('by', models.UUIDField(null=True)),
                ('organization', models.UUIDField(db_index=True, null=True)),
                ('subject_type', models.CharField(max_length=40)),
                ('subject_id', models.UUIDField(db_index=True)),
                ('data', models.JSONField(default=dict)),
                ('key', models.CharField(max_length=80, null=True, unique=True)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='MicroCredential',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=80)),
                ('created_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('email', models.EmailField(blank=True, max_length=254, null=True)),
                ('phone', models.CharField(blank=True, max_length=32)),
                ('language', models.CharField(choices=[('en', 'English'), ('es', 'Español')], default='en', max_length=5)),
                ('area', models.CharField(blank=True, max_length=120)),
                ('keys_on', models.BooleanField(default=True)),
                ('is_active', models.BooleanField(default=True)),
                ('is_synthetic', models.BooleanField(default=False)),
                ('joined_at', models.DateTimeField()),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_once'), models.CheckConstraint(condition=models.Q(('deleted_at', None), models.Q(('email', None), ('is_active', False), ('name', ''), ('phone', '')), _connector='OR'), name='user_deleted_keeps_nothing')],
            },
        ),
        migrations.CreateModel(
            name='SignedDocument',
            fields=[
                ('award', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='document', serialize=False, to='fieldstone.award')),
                ('body', models.TextField()),
                ('signed_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='award',
            name='learner',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='awards', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='Enrollment',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField()),
                ('touched_at', models.DateTimeField()),
                ('permission_at', models.DateTimeField(blank=True, null=True)),
                ('prior_learning', models.BooleanField(default=False)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('key', models.CharField(max_length=80, null=True, unique=True)),
                ('learner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='enrollments', to=settings.AUTH_USER_MODEL)),
                ('micro_credential', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='fieldstone.microcredential')),
            ],
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('part', models.CharField(max_length=30)),
                ('text', models.TextField(blank=True)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField()),
                ('enrollment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='fieldstone.enrollment')),
            ],
        ),
        migrations.CreateModel(
            name='Exemplar',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=160)),
                ('content', models.JSONField()),
                ('true_scores', models.JSONField()),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ExemplarScore',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('scores', models.JSONField()),
                ('scored_at', models.DateTimeField()),
                ('assessor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exemplar_scores', to=settings.AUTH_USER_MODEL)),
                ('exemplar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='fieldstone.exemplar')),
            ],
        ),
        migrations.CreateModel(
            name='KeptCopy',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField()),
                ('written_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kept_copies', to='fieldstone.answer')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Calibration',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('matched', models.PositiveIntegerField()),
                ('total', models.PositiveIntegerField()),
                ('kappa', models.FloatField(null=True)),
                ('reached_at', models.DateTimeField()),
                ('valid_until', models.DateTimeField()),
                ('assessor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calibrations', to=settings.AUTH_USER_MODEL)),
                ('micro_credential', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calibrations', to='fieldstone.microcredential')),
            ],
        ),
        migrations.AddField(
            model_name='award',
            name='micro_credential',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='fieldstone.microcredential'),
        ),
        migrations.CreateModel(
            name='Organization',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=160)),
                ('unit', models.CharField(blank=True, max_length=160)),
                ('kind', models.CharField(choices=[('college', 'college'), ('cooperative', 'cooperative'), ('district', 'district'), ('employer', 'employer'), ('state_program', 'state_program'), ('community', 'community'), ('tribal_nation', 'tribal_nation'), ('consortium', 'consortium')], max_length=20)),
                ('place', models.CharField(blank=True, max_length=120)),
                ('url', models.URLField(blank=True)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('family', models.CharField(blank=True, choices=[('slate', 'slate'), ('moss', 'moss'), ('clay', 'clay'), ('sky', 'sky')], max_length=5)),
                ('review_days', models.PositiveSmallIntegerField(default=14)),
                ('check_days', models.PositiveSmallIntegerField(default=1)),
                ('hold_limit', models.PositiveSmallIntegerField(default=5)),
                ('two_person', models.CharField(choices=[('approver', 'approver'), ('double_blind', 'double_blind')], default='double_blind', max_length=12)),
                ('is_synthetic', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('consortia', models.ManyToManyField(related_name='members_of_consortium', through='fieldstone.ConsortiumMember', to='fieldstone.organization')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.AddField(
            model_name='microcredential',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='micro_credentials', to='fieldstone.organization'),
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('learner', 'learner'), ('author', 'author'), ('assessor', 'assessor'), ('approver', 'approver'), ('issuer', 'issuer'), ('lead', 'lead'), ('coach', 'coach'), ('recognizer', 'recognizer'), ('administrator', 'administrator')], max_length=16)),
                ('granted_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='fieldstone.organization')),
            ],
        ),
        migrations.AddField(
            model_name='consortiummember',
            name='consortium',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='member_links', to='fieldstone.organization'),
        ),
        migrations.AddField(
            model_name='consortiummember',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consortium_links', to='fieldstone.organization'),
        ),
        migrations.AddField(
            model_name='award',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='fieldstone.organization'),
        ),
        migrations.CreateModel(
            name='Phrase',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('en', models.CharField(max_length=400)),
                ('es', models.CharField(max_length=400)),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='phrases', to='fieldstone.organization')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PrintedCode',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('code_hash', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='printed_codes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Program',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=60)),
                ('title', models.JSONField()),
                ('summary', models.JSONField(default=dict)),
                ('areas', models.JSONField(default=list)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='programs', to='fieldstone.organization')),
            ],
        ),
        migrations.AddField(
            model_name='microcredential',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='micro_credentials', to='fieldstone.program'),
        ),
        migrations.CreateModel(
            name='Cohort',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('closed_network', models.BooleanField(default=False)),
                ('starts_on', models.DateField()),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cohorts', to='fieldstone.organization')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cohorts', to='fieldstone.program')),
            ],
        ),
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('interview', 'interview'), ('raise', 'raise'), ('pay_rung', 'pay_rung'), ('title', 'title'), ('hours', 'hours'), ('credit', 'credit'), ('license_points', 'license_points')], max_length=16)),
                ('headline', models.JSONField()),
                ('terms', models.JSONField()),
                ('amount', models.CharField(blank=True, max_length=60)),
                ('answer_days', models.PositiveSmallIntegerField(default=14)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('made_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('micro_credential', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='promises', to='fieldstone.microcredential')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promises', to='fieldstone.organization')),
            ],
            options={
                'ordering': ['made_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('note', models.TextField(blank=True)),
                ('claimed_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('kept', 'kept'), ('declined', 'declined')], max_length=8)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_by', models.UUIDField(blank=True, null=True)),
                ('key', models.CharField(max_length=80, null=True, unique=True)),
                ('award', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='fieldstone.award')),
                ('learner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='claims', to=settings.AUTH_USER_MODEL)),
                ('promise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='fieldstone.promise')),
            ],
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('two_person', models.CharField(max_length=12)),
                ('state', models.CharField(choices=[('checking', 'checking'), ('scoring', 'scoring'), ('moderating', 'moderating'), ('confirming', 'confirming'), ('decided', 'decided')], default='checking', max_length=12)),
                ('opened_at', models.DateTimeField()),
                ('check_due_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('demonstrated', 'demonstrated'), ('not_yet', 'not_yet'), ('incomplete', 'incomplete'), ('withdrawn', 'withdrawn')], max_length=12)),
                ('result', models.JSONField(default=dict)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.UUIDField(blank=True, null=True)),
                ('micro_credential', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='fieldstone.microcredential')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='fieldstone.organization')),
            ],
        ),
        migrations.CreateModel(
            name='Conflict',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('declared_at', models.DateTimeField()),
                ('assessor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conflicts', to='fieldstone.review')),
            ],
        ),
        migrations.AddField(
            model_name='award',
            name='review',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='award', to='fieldstone.review'),
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('opened_at', models.DateTimeField()),
                ('answer', models.TextField(blank=True)),
                ('upheld', models.BooleanField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('key', models.CharField(max_length=80, null=True, unique=True)),
                ('claimed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='appeals', to='fieldstone.review')),
            ],
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('first', 'first'), ('second', 'second'), ('approver', 'approver'), ('moderator', 'moderator'), ('appeal', 'appeal')], max_length=10)),
                ('external_name', models.CharField(blank=True, max_length=120)),
                ('external_hash', models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ('external_until', models.DateTimeField(blank=True, null=True)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('scored_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed', models.BooleanField(blank=True, null=True)),
                ('note', models.TextField(blank=True)),
                ('assessor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='seats', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='fieldstone.review')),
            ],
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('criterion', models.CharField(max_length=30)),
                ('level', models.CharField(max_length=30)),
                ('comment', models.TextField(blank=True)),
                ('phrases', models.JSONField(default=list)),
                ('scored_at', models.DateTimeField()),
                ('seat', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='fieldstone.seat')),
            ],
        ),
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('did', models.CharField(max_length=300)),
                ('public_multibase', models.CharField(max_length=100)),
                ('sealed_private', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signing_keys', to='fieldstone.organization')),
            ],
        ),
        migrations.AddField(
            model_name='award',
            name='signing_key',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='fieldstone.signingkey'),
        ),
        migrations.CreateModel(
            name='Stack',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('slug', models.SlugField(max_length=80)),
                ('created_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stacks', to='fieldstone.organization')),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stacks', to='fieldstone.program')),
            ],
        ),
        migrations.AddField(
            model_name='promise',
            name='stack',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='promises', to='fieldstone.stack'),
        ),
        migrations.CreateModel(
            name='StackVersion',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('definition', models.JSONField()),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stack', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='fieldstone.stack')),
            ],
        ),
        migrations.CreateModel(
            name='StackComponent',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('credential', models.UUIDField(db_index=True)),
                ('stack_version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='components', to='fieldstone.stackversion')),
            ],
        ),
        migrations.CreateModel(
            name='Pursuit',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField()),
                ('evaluated_at', models.DateTimeField(blank=True, null=True)),
                ('satisfied_at', models.DateTimeField(blank=True, null=True)),
                ('done', models.PositiveIntegerField(default=0)),
                ('needed', models.PositiveIntegerField(default=0)),
                ('order', models.JSONField(default=list)),
                ('learner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pursuits', to=settings.AUTH_USER_MODEL)),
                ('stack', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pursuits', to='fieldstone.stack')),
                ('stack_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pursuits', to='fieldstone.stackversion')),
            ],
        ),
        migrations.CreateModel(
            name='StatusList',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('did', models.CharField(default='', max_length=300)),
                ('length', models.PositiveIntegerField(default=131072)),
                ('used', models.PositiveIntegerField(default=0)),
                ('made_at', models.DateTimeField()),
                ('body', models.TextField(blank=True)),
                ('signed_at', models.DateTimeField(blank=True, null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='status_lists', to='fieldstone.organization')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='StatusSlot',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('index', models.PositiveIntegerField()),
                ('is_set', models.BooleanField(default=False)),
                ('award', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='fieldstone.award')),
                ('list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='fieldstone.statuslist')),
            ],
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('content', models.JSONField()),
                ('criteria', models.JSONField()),
                ('sent_at', models.DateTimeField()),
                ('key', models.CharField(max_length=80, null=True, unique=True)),
                ('code', models.CharField(max_length=12, unique=True)),
                ('enrollment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='submissions', to='fieldstone.enrollment')),
            ],
            options={
                'ordering': ['sent_at'],
            },
        ),
        migrations.AddField(
            model_name='review',
            name='submission',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='review', to='fieldstone.submission'),
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('handler', models.CharField(max_length=60)),
                ('run_after', models.DateTimeField()),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('lease_token', models.UUIDField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('error', models.TextField(blank=True)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='fieldstone.entry')),
            ],
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('definition', models.JSONField()),
                ('title_en', models.CharField(blank=True, max_length=120)),
                ('title_es', models.CharField(blank=True, max_length=120)),
                ('search', models.TextField(blank=True)),
                ('level', models.PositiveSmallIntegerField(default=1)),
                ('hours', models.PositiveIntegerField(default=0)),
                ('cost_cents', models.PositiveIntegerField(default=0)),
                ('in_spanish', models.BooleanField(default=False)),
                ('offline', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('superseded_at', models.DateTimeField(blank=True, null=True)),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('micro_credential', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='fieldstone.microcredential')),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='microcredential',
            name='copied_from',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='copies', to='fieldstone.version'),
        ),
        migrations.AddField(
            model_name='exemplar',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exemplars', to='fieldstone.version'),
        ),
        migrations.AddField(
            model_name='enrollment',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='fieldstone.version'),
        ),
        migrations.AddField(
            model_name='award',
            name='version',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='fieldstone.version'),
        ),
        migrations.CreateModel(
            name='CohortMember',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('joined_at', models.DateTimeField()),
                ('coach', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='coached', to=settings.AUTH_USER_MODEL)),
                ('cohort', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='fieldstone.cohort')),
                ('learner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cohort_places', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('cohort', 'learner'), name='cohort_member_once')],
            },
        ),
        migrations.CreateModel(
            name='Artifact',
            fields=[
                ('id', models.UUIDField(default=fieldstone.server.ledger.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('part', models.CharField(max_length=30)),
                ('kind', models.CharField(max_length=10)),
                ('title', models.CharField(max_length=200)),
                ('sent_sha256', models.CharField(blank=True, max_length=64)),
                ('url', models.URLField(blank=True, max_length=1000)),
                ('is_public', models.BooleanField(default=False)),
                ('added_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('key', models.CharField(max_length=80, null=True, unique=True)),
                ('blob', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='artifacts', to='fieldstone.blob')),
                ('enrollment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='artifacts', to='fieldstone.enrollment')),
            ],
            options={
                'ordering': ['added_at', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('blob', None), ('kind', 'link'), models.Q(('url', ''), _negated=True)), models.Q(models.Q(('kind', 'link'), _negated=True), ('blob__isnull', False), ('url', '')), _connector='OR'), name='artifact_file_or_link')],
            },
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.UniqueConstraint(fields=('enrollment', 'part'), name='answer_once_per_part'),
        ),
        migrations.AddConstraint(
            model_name='exemplarscore',
            constraint=models.UniqueConstraint(fields=('exemplar', 'assessor'), name='exemplar_scored_once'),
        ),
        migrations.AddConstraint(
            model_name='calibration',
            constraint=models.CheckConstraint(condition=models.Q(('matched__lte', models.F('total'))), name='calibration_in_range'),
        ),
        migrations.AddConstraint(
            model_name='organization',
            constraint=models.CheckConstraint(condition=models.Q(('review_days__gte', 1), ('review_days__lte', 60)), name='org_review_days'),
        ),
        migrations.AddConstraint(
            model_name='organization',
            constraint=models.CheckConstraint(condition=models.Q(('hold_limit__gte', 1), ('hold_limit__lte', 50)), name='org_hold_limit'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('user', 'organization', 'role'), name='membership_once'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ('learner', 'author', 'assessor', 'approver', 'issuer', 'lead', 'coach', 'recognizer', 'administrator'))), name='membership_role_known'),
        ),
        migrations.AddConstraint(
            model_name='consortiummember',
            constraint=models.UniqueConstraint(fields=('organization', 'consortium'), name='consortium_member_once'),
        ),
        migrations.AddConstraint(
            model_name='consortiummember',
            constraint=models.CheckConstraint(condition=models.Q(('organization', models.F('consortium')), _negated=True), name='consortium_not_itself'),
        ),
        migrations.AddConstraint(
            model_name='program',
            constraint=models.UniqueConstraint(fields=('organization', 'slug'), name='program_slug_once'),
        ),
        migrations.AddConstraint(
            model_name='cohort',
            constraint=models.UniqueConstraint(fields=('organization', 'name'), name='cohort_name_once'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.UniqueConstraint(fields=('promise', 'award'), name='claim_once'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('answered_by', None), ('outcome', '')), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('outcome', 'kept')), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('outcome', 'declined'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='claim_answered_whole'),
        ),
        migrations.AddConstraint(
            model_name='conflict',
            constraint=models.UniqueConstraint(fields=('review', 'assessor'), name='conflict_once'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('review',), name='appeal_one_open'),
        ),
        migrations.AddConstraint(
            model_name='appeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('upheld', None)), models.Q(('closed_at__isnull', False), ('upheld__isnull', False)), _connector='OR'), name='appeal_closed_whole'),
        ),
        migrations.AddConstraint(
            model_name='seat',
            constraint=models.UniqueConstraint(fields=('review', 'kind'), name='seat_once'),
        ),
        migrations.AddConstraint(
            model_name='seat',
            constraint=models.UniqueConstraint(condition=models.Q(('assessor__isnull', False)), fields=('review', 'assessor'), name='seat_one_per_person'),
        ),
        migrations.AddConstraint(
            model_name='seat',
            constraint=models.CheckConstraint(condition=models.Q(('scored_at', None), ('claimed_at__isnull', False), _connector='OR'), name='seat_scored_was_claimed'),
        ),
        migrations.AddConstraint(
            model_name='score',
            constraint=models.UniqueConstraint(fields=('seat', 'criterion'), name='score_once'),
        ),
        migrations.AddConstraint(
            model_name='signingkey',
            constraint=models.UniqueConstraint(condition=models.Q(('retired_at', None)), fields=('organization',), name='signing_key_one_active'),
        ),
        migrations.AddConstraint(
            model_name='stack',
            constraint=models.UniqueConstraint(fields=('organization', 'slug'), name='stack_slug_once'),
        ),
        migrations.AddConstraint(
            model_name='promise',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('micro_credential__isnull', False), ('stack', None)), models.Q(('micro_credential', None), ('stack__isnull', False)), _connector='OR'), name='promise_for_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='promise',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='promise_dates_in_order'),
        ),
        migrations.AddConstraint(
            model_name='stackversion',
            constraint=models.UniqueConstraint(fields=('stack', 'number'), name='stack_version_number_once'),
        ),
        migrations.AddConstraint(
            model_name='stackversion',
            constraint=models.UniqueConstraint(condition=models.Q(('published_at', None)), fields=('stack',), name='stack_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='stackversion',
            constraint=models.UniqueConstraint(condition=models.Q(('published_at__isnull', False), ('superseded_at', None)), fields=('stack',), name='stack_one_current'),
        ),
        migrations.AddConstraint(
            model_name='stackcomponent',
            constraint=models.UniqueConstraint(fields=('stack_version', 'credential'), name='stack_component_once'),
        ),
        migrations.AddConstraint(
            model_name='pursuit',
            constraint=models.UniqueConstraint(fields=('learner', 'stack'), name='pursuit_once'),
        ),
        migrations.AddConstraint(
            model_name='statusslot',
            constraint=models.UniqueConstraint(fields=('list', 'index'), name='status_slot_once'),
        ),
        migrations.AddConstraint(
            model_name='statusslot',
            constraint=models.UniqueConstraint(fields=('list', 'award'), name='status_slot_one_per_award'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.UniqueConstraint(fields=('enrollment', 'number'), name='submission_number_once'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(fields=['organization', 'state', 'due_at'], name='review_queue'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state', 'decided'), models.Q(('outcome', ''), _negated=True)), models.Q(models.Q(('state', 'decided'), _negated=True), ('decided_at', None), ('decided_by', None), ('outcome', '')), _connector='OR'), name='review_decided_whole'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('checking', 'scoring', 'moderating', 'confirming', 'decided'))), name='review_state_known'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('done_at', None)), fields=['run_after'], name='task_waiting'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(fields=('entry', 'handler'), name='task_once_per_entry'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(fields=('micro_credential', 'number'), name='version_number_once'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(condition=models.Q(('published_at', None)), fields=('micro_credential',), name='version_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.UniqueConstraint(condition=models.Q(('published_at__isnull', False), ('superseded_at', None)), fields=('micro_credential',), name='version_one_current'),
        ),
        migrations.AddConstraint(
            model_name='version',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_at', None), ('published_at__isnull', False), _connector='OR'), name='version_superseded_was_published'),
        ),
        migrations.AddConstraint(
            model_name='microcredential',
            constraint=models.UniqueConstraint(fields=('organization', 'slug'), name='micro_credential_slug_once'),
        ),
        migrations.AddConstraint(
            model_name='enrollment',
            constraint=models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('learner', 'micro_credential'), name='enrollment_once'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('micro_credential__isnull', False), ('stack_id', None), ('version__isnull', False)), models.Q(('micro_credential', None), ('stack_id__isnull', False), ('version', None)), _connector='OR'), name='award_of_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.UniqueConstraint(condition=models.Q(('learner__isnull', False), ('revoked_at', None), ('version__isnull', False)), fields=('learner', 'version'), name='award_one_live_per_version'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.UniqueConstraint(condition=models.Q(('learner__isnull', False), ('revoked_at', None), ('stack_id__isnull', False)), fields=('learner', 'stack_id'), name='award_one_live_per_stack'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None), ('revoked_reason', '')), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False), models.Q(('revoked_reason', ''), _negated=True)), _connector='OR'), name='award_revoked_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='award',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('suspended_at', None), ('suspended_reason', '')), models.Q(('suspended_at__isnull', False), models.Q(('suspended_reason', ''), _negated=True)), _connector='OR'), name='award_suspended_with_reason'),
        ),
    ]
