//! The command line interface, for people and scripts.
//!
//! Standard output is one line of JSON per command for scripts; standard error is one sentence for
//! people. Exit codes: 0 success, 1 failure, 2 invalid arguments or input.
//!
//! To add a command: a variant of [`Command`] (or of a command group below this folder), and its
//! branch in [`run`].

mod agent;
mod contact;
mod copy;
mod database;
mod failure;
mod inbox;
mod input;
mod key;
mod message;
mod migrate;
mod output;
mod sdk_key;
mod secret_key;
mod serve;
mod site;
mod theme;

use crate::{
    demo::{self, DemoOptions},
    server::{self, Database, LogFormat, telemetry},
};
use clap::{Args, Parser, Subcommand, error::ErrorKind};
use failure::Failure;
use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

const EXAMPLES: &str = "\
First steps:
  belfry demo
      a small shop with a bell, on http://localhost:3001, and a back office on http://localhost:3002
  belfry site create --name Shop --origin https://shop.example
      prints the site's id and its API key
  belfry site snippet SITE --public-url https://inbox.example
      prints the snippet for the site's pages
  belfry serve --listen 0.0.0.0:3000 --public-url https://inbox.example
      starts the server
  belfry theme use SITE paper
      sets the theme of the bell and the messages; see `belfry theme --help` for a design of your own

Conversations:
  belfry inbox create SITE --name Support --callback-url https://shop.example/hook
      prints the inbox's number, and what clients and backends of the site need
  belfry agent create SITE --name Ann --email ann@shop.example --role administrator
      prints the agent's access token for /api/v1
  belfry sdk-key create SITE --inbox 1
      prints the key with which your backend signs the JWTs of its agents, for the Inbox SDK

From a script, while the server runs or not:
  echo '{\"externalCustomerId\":\"42\"}' | belfry contact upsert SITE
  echo '{\"audience\":\"everyone\",\"content\":{\"en\":{\"title\":\"Hello\"}}}' | belfry message publish SITE

The output is one line of JSON on standard output. Exit codes: 0 success, 1 failure, 2 invalid input.";

/// A self-hosted app inbox for websites: a bell with an unread count and, behind it, the reader's
/// messages
#[derive(Parser)]
#[command(name = "belfry", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Args)]
struct Common {
    /// Database URL; the file is created if it does not exist [default: `sqlite://belfry.db`]
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// URL of the database server itself, where the database URL leads to `PgBouncer` in transaction
    /// mode
    #[arg(
        long,
        global = true,
        env = "DATABASE_DIRECT_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    database_direct_url: Option<String>,
    /// File with the key that encrypts secrets in the database, created at the first start
    /// [default: `belfry.db.secret-key` beside `belfry.db`]
    #[arg(long, global = true, env = "BELFRY_SECRET_KEY_FILE", value_name = "FILE")]
    secret_key_file: Option<PathBuf>,
    /// Format of log lines on standard error
    #[arg(
        long,
        global = true,
        env = "BELFRY_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    log_format: LogFormat,
}

impl Common {
    fn database_url(&self) -> &str {
        self.database_url.as_deref().unwrap_or("sqlite://belfry.db")
    }

    fn database(&self) -> Database {
        Database {
            url: self.database_url().to_owned(),
            direct_url: self.database_direct_url.clone(),
            secret_key_file: self.secret_key_file.clone(),
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// Start the server
    Serve(Box<serve::Serve>),
    /// Run a demo: Belfry with a seeded site, a small shop whose backend makes the real token call,
    /// and a back office with an agent's inbox
    Demo {
        /// Listen address of Belfry
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
        listen: SocketAddr,
        /// Listen address of the shop; open it as http://localhost:PORT
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3001")]
        shop_listen: SocketAddr,
        /// Listen address of the back office; open it as http://localhost:PORT
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3002")]
        back_office_listen: SocketAddr,
    },
    /// Sites: create, list, update, and print the snippet for their pages
    #[command(subcommand)]
    Site(site::Site),
    /// API keys of a site's backend
    #[command(subcommand)]
    Key(key::Key),
    /// Signing keys of the Inbox SDK, with which a site's backend signs the JWTs of its agents
    #[command(subcommand)]
    SdkKey(sdk_key::Key),
    /// Inboxes: where a site's visitors start conversations
    #[command(subcommand)]
    Inbox(inbox::Inbox),
    /// Agents: the people who answer conversations
    #[command(subcommand)]
    Agent(agent::Agent),
    /// Contacts: the customers of a site
    #[command(subcommand)]
    Contact(contact::Contact),
    /// Messages: publish, show, edit, recall
    #[command(subcommand)]
    Message(message::Message),
    /// Themes: check, upload, preview, publish and roll back the design of a site's bell and
    /// messages
    #[command(subcommand)]
    Theme(theme::Theme),
    /// The key that encrypts secrets in the database: second factors, and webhook signing secrets
    #[command(subcommand)]
    SecretKey(secret_key::SecretKey),
    /// Migrate the database and print its version. `serve` does this by itself
    Migrate,
    /// Copy a database to another one, of a file or of a server, and verify the copy. The source may
    /// be served meanwhile
    Copy(copy::Copy),
}

/// Parses the arguments, runs the command, and returns the exit code.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return report_usage_error(&error),
    };
    // One line per request would scroll the demo's few sentences off the screen.
    let level = if matches!(arguments.command, Command::Serve(_)) { "info" } else { "warn" };
    telemetry::start(arguments.common.log_format, level);
    let runtime = match server::runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            return Failure::failed(format!("the asynchronous runtime could not start: {error}"))
                .report();
        }
    };
    match runtime.block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

async fn run(Arguments { common, command }: Arguments) -> Result<(), Failure> {
    match command {
        Command::Serve(serve) => serve::run(&common, *serve).await,
        Command::Demo { listen, shop_listen, back_office_listen } => {
            let options = DemoOptions {
                listen,
                shop_listen,
                back_office_listen,
                database_url: common.database_url,
                database_direct_url: common.database_direct_url,
            };
            let ready = |banner: &str| {
                let _ = output::print_text(banner);
            };
            Ok(demo::run(options, ready).await?)
        }
        Command::Site(command) => site::run(&common, command).await,
        Command::Key(command) => key::run(&common, command).await,
        Command::SdkKey(command) => sdk_key::run(&common, command).await,
        Command::Inbox(command) => inbox::run(&common, command).await,
        Command::Agent(command) => agent::run(&common, command).await,
        Command::Contact(command) => contact::run(&common, command).await,
        Command::Message(command) => message::run(&common, command).await,
        Command::Theme(command) => theme::run(&common, command).await,
        Command::SecretKey(command) => secret_key::run(&common, &command).await,
        Command::Migrate => migrate::run(&common).await,
        Command::Copy(copy) => copy::run(&common, copy).await,
    }
}

/// Prints help to standard output; a usage error becomes one sentence.
fn report_usage_error(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        let _ = error.print();
        return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
    }
    let text = error.to_string();
    let sentence: Vec<&str> =
        text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    let sentence = sentence.join(" ");
    Failure::invalid(format!(
        "{}; see `belfry --help`",
        sentence.strip_prefix("error: ").unwrap_or(&sentence)
    ))
    .report()
}
