//! The command line. Everything it does is in [`belfry::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    belfry::cli::main()
}
