//! The command line. Everything it does is in [`belfry::cli`].

use std::process::ExitCode;

/// Less time in the allocator for each page view than with the one of the C library is what it is to give.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    belfry::cli::main()
}
