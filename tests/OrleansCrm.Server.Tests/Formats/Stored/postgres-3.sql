CREATE SCHEMA IF NOT EXISTS orleanscrm;
CREATE TABLE orleanscrm.journal(version int NOT NULL, database_id uuid NOT NULL, partitions int NOT NULL, hash_key text NOT NULL);
CREATE TABLE orleanscrm.partition(
    id int PRIMARY KEY, epoch bigint NOT NULL, head bigint NOT NULL, last_recorded bigint NOT NULL) WITH (fillfactor = 20);
CREATE TABLE orleanscrm.progress(
    id int PRIMARY KEY, epoch bigint NOT NULL, checkpoint bigint NOT NULL, strands bigint NOT NULL) WITH (fillfactor = 20);
CREATE TABLE orleanscrm.block(
    partition int NOT NULL, first_offset bigint NOT NULL, count int NOT NULL, checksum bigint NOT NULL, data bytea NOT NULL,
    PRIMARY KEY(partition, first_offset));
CREATE TABLE orleanscrm.wide(partition int NOT NULL, entry_offset bigint NOT NULL, PRIMARY KEY(partition, entry_offset));
CREATE TABLE orleanscrm.fault(
    partition int NOT NULL, entry_offset bigint NOT NULL, customer text NOT NULL, error text NOT NULL, build text NOT NULL,
    recorded bigint NOT NULL, PRIMARY KEY(partition, entry_offset, customer));
CREATE TABLE orleanscrm.snapshot(
    partition int NOT NULL, customer text COLLATE "C" NOT NULL, covered bigint NOT NULL, next_wake bigint NOT NULL,
    import text COLLATE "C" NOT NULL, phase text NOT NULL, tier text NOT NULL, risk bigint NOT NULL, orders bigint NOT NULL,
    revenue bigint NOT NULL, last_seen bigint NOT NULL, segments text NOT NULL, campaign text NOT NULL, owner text NOT NULL, sums bytea NOT NULL,
    state bytea NOT NULL, PRIMARY KEY(partition, customer));
CREATE INDEX snapshot_wake ON orleanscrm.snapshot(partition, next_wake) WHERE next_wake > 0;
CREATE TABLE orleanscrm.strand(
    partition int NOT NULL, row bigint NOT NULL, customer text COLLATE "C" NOT NULL, last_offset bigint NOT NULL,
    offsets bytea NOT NULL, messages bytea NOT NULL, outcomes bytea NOT NULL, PRIMARY KEY(partition, row), UNIQUE(partition, customer, last_offset));
CREATE TABLE orleanscrm.outbox(
    partition int NOT NULL, entry_offset bigint NOT NULL, idx int NOT NULL, desk text NOT NULL, alert_id text NOT NULL,
    finished boolean NOT NULL, rank bigint NOT NULL, alert bytea NOT NULL, customer text NOT NULL,
    type text NOT NULL, time bigint NOT NULL, payload bytea NOT NULL, PRIMARY KEY(partition, entry_offset, idx));
CREATE TABLE orleanscrm.metric_sum(
    tenant text COLLATE "C" NOT NULL, metric text COLLATE "C" NOT NULL, partition int NOT NULL, value bigint NOT NULL,
    PRIMARY KEY(tenant, metric, partition));
CREATE TABLE orleanscrm.desk(desk text COLLATE "C" PRIMARY KEY, sequence bigint NOT NULL);
CREATE TABLE orleanscrm.desk_sender(
    desk text COLLATE "C" NOT NULL, partition int NOT NULL, entry_offset bigint NOT NULL, idx int NOT NULL,
    PRIMARY KEY(desk, partition));
CREATE TABLE orleanscrm.alert_change(
    desk text COLLATE "C" NOT NULL, sequence bigint NOT NULL, alert_id text COLLATE "C" NOT NULL, alert bytea NOT NULL,
    PRIMARY KEY(desk, sequence));
CREATE TABLE orleanscrm.alert_open(
    desk text COLLATE "C" NOT NULL, alert_id text COLLATE "C" NOT NULL, rank bigint NOT NULL, alert bytea NOT NULL,
    PRIMARY KEY(desk, alert_id));
CREATE INDEX alert_open_rank ON orleanscrm.alert_open(desk, rank DESC, alert_id);
CREATE TABLE orleanscrm.erasure(
    partition int NOT NULL, hash text COLLATE "C" NOT NULL, customer text COLLATE "C" NOT NULL, requested bigint NOT NULL,
    done bigint NOT NULL, stores text NOT NULL, PRIMARY KEY(partition, hash));
CREATE INDEX erasure_hash ON orleanscrm.erasure(hash);
CREATE TABLE orleanscrm.tenant(
    id text COLLATE "C" PRIMARY KEY, name text NOT NULL, created bigint NOT NULL, disabled boolean NOT NULL);
CREATE TABLE orleanscrm.access_revision(value bigint NOT NULL);
INSERT INTO orleanscrm.access_revision VALUES(0);
CREATE TABLE orleanscrm.api_key(
    tenant text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, kind text NOT NULL, secret_hash text NOT NULL UNIQUE,
    scopes text[] NOT NULL, name text NOT NULL, created bigint NOT NULL, expires bigint NOT NULL, last_used bigint NOT NULL,
    PRIMARY KEY(tenant, id));
CREATE TABLE orleanscrm.account(
    id text COLLATE "C" PRIMARY KEY, tenant text COLLATE "C" NOT NULL, email text NOT NULL,
    email_folded text COLLATE "C" NOT NULL UNIQUE, password_hash text NOT NULL, role text NOT NULL, created bigint NOT NULL,
    disabled boolean NOT NULL);
CREATE TABLE orleanscrm.session(
    token_hash text COLLATE "C" PRIMARY KEY, tenant text NOT NULL, user_id text NOT NULL, email text NOT NULL,
    role text NOT NULL, expires bigint NOT NULL);
CREATE TABLE orleanscrm.quarantine(
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL, digest uuid NOT NULL,
    customer text COLLATE "C" NOT NULL, source text NOT NULL, call text NOT NULL, message_id text NOT NULL, entry text NOT NULL,
    code text COLLATE "C" NOT NULL, detail text NOT NULL, received bigint NOT NULL, sent bigint NOT NULL, length int NOT NULL,
    raw bytea NOT NULL, times int NOT NULL, status int NOT NULL, replays int NOT NULL, replayed bigint NOT NULL,
    outcome_code text NOT NULL, outcome_detail text NOT NULL, UNIQUE(tenant, digest));
CREATE INDEX quarantine_order ON orleanscrm.quarantine(tenant, id);
CREATE INDEX quarantine_code ON orleanscrm.quarantine(tenant, code, id);
CREATE INDEX quarantine_customer ON orleanscrm.quarantine(tenant, customer) WHERE customer <> '';
CREATE TABLE orleanscrm.quarantine_tally(
    tenant text COLLATE "C" PRIMARY KEY, kept int NOT NULL, bytes bigint NOT NULL, dropped bigint NOT NULL);
CREATE TABLE orleanscrm.customer_token(
    token_hash text COLLATE "C" PRIMARY KEY, tenant text NOT NULL, key_id text NOT NULL, scopes text[] NOT NULL,
    expires bigint NOT NULL);
CREATE INDEX customer_token_expires ON orleanscrm.customer_token(expires);
CREATE TABLE orleanscrm.audit(
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL, time bigint NOT NULL, actor text NOT NULL,
    action text NOT NULL, target text NOT NULL, detail text NOT NULL);
CREATE INDEX audit_tenant ON orleanscrm.audit(tenant, id);
CREATE INDEX audit_time ON orleanscrm.audit(time);
