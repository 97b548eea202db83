-- The tables next to the engine's own, in the schema toolkit_workers, and what every tenant's role may use.
-- `toolkit worker migrate` runs this file each time, so each statement can be repeated.

CREATE TABLE IF NOT EXISTS tenant_run (
    tenant text NOT NULL,
    command text NOT NULL,
    night date,                -- the night for which the periodic tick deferred a job
    ended timestamptz,         -- of the last run
    exit integer,
    in_doubt integer NOT NULL DEFAULT 0,  -- changes of which the run does not know the outcome
    last_good timestamptz,     -- the last run that gave a result about the tenant
    PRIMARY KEY (tenant, command)
);

-- A read worker can neither add a job that writes nor change one. It sees such jobs, because they lock their tenants.
-- Row security would do the same, but it hides the details of errors that the engine reads.
CREATE OR REPLACE FUNCTION refuse_other_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = current_database() || '_read'
        AND (NEW.queue_name IS DISTINCT FROM 'read' AND TG_OP <> 'DELETE'
            OR OLD.queue_name IS DISTINCT FROM 'read' AND TG_OP <> 'INSERT') THEN
        RAISE insufficient_privilege USING MESSAGE = 'read workers may change only jobs of the queue read';
    END IF;
    RETURN coalesce(NEW, OLD);
END;
$$;
CREATE OR REPLACE TRIGGER refuse_other_queue BEFORE INSERT OR UPDATE OR DELETE ON procrastinate_jobs
    FOR EACH ROW EXECUTE FUNCTION refuse_other_queue();

CREATE SCHEMA IF NOT EXISTS toolkit_shared;

-- One row for each service, whose limit all runs share (GCRA, the generic cell rate algorithm). Without `per_second`,
-- requests are only counted. An administrator sets the limit that the vendor shows for the application or project.
CREATE TABLE IF NOT EXISTS toolkit_shared.rate_limit (
    service text PRIMARY KEY,
    per_second double precision CHECK (per_second > 0),
    burst integer NOT NULL DEFAULT 20 CHECK (burst > 0),
    free_at timestamptz NOT NULL DEFAULT clock_timestamp(),  -- when all requests so far have had their turn
    requests bigint NOT NULL DEFAULT 0,
    throttled bigint NOT NULL DEFAULT 0
);
INSERT INTO toolkit_shared.rate_limit (service) VALUES
    ('Admin SDK API'), ('Chrome Policy API'), ('Cloud Identity API'), ('Defender'), ('Exchange'), ('Gmail API'),
    ('Google Calendar API'), ('Google Vault API'), ('Groups Settings API'), ('Microsoft Graph'),
    ('Security & Compliance')
    ON CONFLICT DO NOTHING;

-- Take turns for requests to a service. Return the seconds to wait, or NULL if the service has no limit.
-- A tenant's role can call this function, and cannot reach the table.
CREATE OR REPLACE FUNCTION toolkit_shared.take_turns(
    service_name text, turns integer, sent integer, throttled_sent integer
) RETURNS double precision LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE toolkit_shared.rate_limit
    SET free_at = greatest(free_at, clock_timestamp())
            + coalesce(least(greatest(turns, 0), 100) / per_second, 0) * interval '1 second',
        requests = requests + greatest(sent, 0),
        throttled = throttled + greatest(throttled_sent, 0)
    WHERE service = service_name
    RETURNING CASE WHEN per_second IS NOT NULL THEN
        greatest(0, extract(epoch FROM free_at - clock_timestamp())::double precision - burst / per_second)
    END
$$;
REVOKE ALL ON FUNCTION toolkit_shared.take_turns FROM PUBLIC;
