//! A newer version of the program migrates the database while processes of this one serve it, as in an
//! update without downtime: they go on, and start again, as long as the migration allows it.

use super::{
    private_server::PrivateServer,
    processes::{ProcessPair, Start, database_name},
};

const SEED: u64 = 1;

/// What a newer version may add, one transaction after the other.
const ADDED: [&str; 4] = [
    "ALTER TABLE belfry.message ADD COLUMN planted TEXT",
    "ALTER TABLE belfry.recipient ADD COLUMN planted BIGINT NOT NULL DEFAULT 7",
    "CREATE TABLE belfry.planted (site_id BYTEA NOT NULL REFERENCES belfry.site (id) ON DELETE CASCADE, number BIGINT NOT NULL, PRIMARY KEY (site_id, number))",
    "CREATE INDEX message_planted ON belfry.message (site_id, planted);
     INSERT INTO belfry._sqlx_migrations (version, description, success, checksum, execution_time)
     SELECT max(version) + 1, 'planted', true, '\\x00', 0 FROM belfry._sqlx_migrations",
];

/// The same for a version that older ones can't work with.
const INCOMPATIBLE: &str = "UPDATE belfry._compatibility SET oldest_program = oldest_program + 1";

#[test]
fn older_processes_go_on_after_a_compatible_migration() {
    let Some(server) = PrivateServer::start() else { return };
    let database = database_name(SEED);
    let start = || Start { url: server.url(&database), ..Start::default() };
    let mut pair = ProcessPair::start(&server, SEED, [start(), start()]);
    pair.cycle(|target| {
        for statements in ADDED {
            server.execute_in(&database, statements);
        }
        target.wait_for_acknowledged(30);
        target.processes[1].kill();
        target.processes[1].restart();
    });

    server.execute_in(&database, INCOMPATIBLE);
    let process = &mut pair.processes[1];
    process.kill();
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"], &["site", "list"]] {
        let output = process.home.run(command);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("was made by a newer version of Belfry"), "{text}");
        assert!(text.contains("start that version"), "{text}");
    }
}
