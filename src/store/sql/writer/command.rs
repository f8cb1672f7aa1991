//! A command in the writer's queue, with the channel to its caller. Must not depend on which batch
//! it runs in.

use super::super::{audit, write_tx::WriteTx};
use crate::{AuditScope, RequestCancellation, Result, StoreError};
use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::sync::oneshot;

/// A command with its caller, for any result type.
pub(super) trait Command: Send {
    /// Whether a failed command leaves nothing behind, so that it needs no savepoint.
    fn is_single(&self) -> bool;
    /// Starts the command, unless its caller has disconnected: a command is not started without a
    /// caller.
    fn start(&self) -> bool;
    fn run<'w>(&'w mut self, tx: &'w mut WriteTx) -> BoxFuture<'w, Result<()>>;
    fn complete(self: Box<Self>, failure: Option<StoreError>);
}

struct PendingCommand<F, T> {
    is_single: bool,
    request: Option<RequestCancellation>,
    command: Option<F>,
    output: Option<T>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Command for PendingCommand<F, T>
where
    F: for<'w> FnOnce(&'w mut WriteTx) -> BoxFuture<'w, Result<T>> + Send,
    T: Send,
{
    fn is_single(&self) -> bool {
        self.is_single
    }

    fn start(&self) -> bool {
        !self.reply.is_closed() && self.request.as_ref().is_none_or(RequestCancellation::start)
    }

    fn run<'w>(&'w mut self, tx: &'w mut WriteTx) -> BoxFuture<'w, Result<()>> {
        Box::pin(async move {
            if let Some(command) = self.command.take() {
                self.output = Some(command(tx).await?);
            }
            Ok(())
        })
    }

    fn complete(self: Box<Self>, failure: Option<StoreError>) {
        let answer = match (failure, self.output) {
            (Some(failure), _) => Err(failure),
            (None, Some(output)) => Ok(output),
            (None, None) => Err(caller_gone_error()),
        };
        // A caller that disconnected after the start does not undo the write.
        let _ = self.reply.send(answer);
    }
}

/// A queue entry for a command. The trait bound makes the closure generic over the lifetime of the
/// transaction.
pub(super) fn pending<F, T>(
    is_single: bool,
    request: Option<RequestCancellation>,
    command: F,
    reply: oneshot::Sender<Result<T>>,
) -> Box<dyn Command>
where
    F: for<'w> FnOnce(&'w mut WriteTx) -> BoxFuture<'w, Result<T>> + Send + 'static,
    T: Send + 'static,
{
    Box::new(PendingCommand { is_single, request, command: Some(command), output: None, reply })
}

/// A queue entry for a command that writes an audit log entry in the same transaction, if it
/// changes anything.
pub(super) fn recorded<F, T>(
    act: AuditScope,
    call: Option<RequestCancellation>,
    command: F,
    caller: oneshot::Sender<Result<T>>,
) -> Box<dyn Command>
where
    F: for<'w> FnOnce(&'w mut WriteTx) -> BoxFuture<'w, Result<T>> + Send + 'static,
    T: Send + 'static,
{
    pending(
        false,
        call,
        move |tx| {
            async move {
                let before = tx.connection.written_rows().await?;
                tx.expect_subject();
                let output = command(tx).await;
                let (made, actor) = tx.take_subject();
                let output = output?;
                if tx.connection.written_rows().await? != before {
                    audit::record(tx, act.write(made, actor)).await?;
                }
                Ok(output)
            }
            .boxed()
        },
        caller,
    )
}

/// The error of a command that was not started.
pub(super) fn caller_gone_error() -> StoreError {
    StoreError::Unavailable("the caller disconnected before the command started".to_owned())
}
