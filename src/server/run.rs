//! Starts the server from its configuration, runs it, and shuts it down gracefully. Called by the
//! command line and the demo.

use super::{
    Config, Database, StartError,
    accept::{Acceptor, ignore_new, reject},
    admission::{Admission, max_connections},
    connection::Protocol,
    jobs,
    outbound::{Egress, OutboundOptions, http_client_with_egress},
    proxy::TrustedProxies,
    router::{Readiness, RouterParts, router},
    stop_on_signal,
};
use belfry_app::{
    App,
    events::{ConversationHub, EventBus, ReaderHub},
    webhook_dispatcher::WebhookDispatcher,
};
use belfry_content::wire::PresenceView;
use belfry_domain::{EventSink, Origin, Rng, Secret, SystemClock, SystemRng, ValidationError};
use belfry_locales::phrases::errors;
use belfry_store::{DatabaseOptions, SqlStore, Store, StoreError};
use belfry_web::address::is_secure;
use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{net::TcpListener, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Maximum time to close the database after a second stop signal.
const DATABASE_CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Opens the database and creates the use cases. The store is returned too, since the caller must
/// close it.
pub async fn open_app(
    database_url: &str,
    event_sink: Arc<dyn EventSink>,
) -> Result<(App, Arc<dyn Store>), StartError> {
    let url = database_url.to_owned();
    open_database(&Database { url, direct_url: None, secret_key_file: None }, event_sink).await
}

/// The same, with a secret key at another location.
pub async fn open_database(
    database: &Database,
    event_sink: Arc<dyn EventSink>,
) -> Result<(App, Arc<dyn Store>), StartError> {
    open(options(database)?, event_sink).await
}

/// The schema version that this database has once it was opened.
pub fn schema_version(database: &Database) -> Result<i64, StartError> {
    Ok(options(database)?.schema_version())
}

/// Creates a new secret key, re-encrypts all secrets with it, and discards the previous key.
/// Returns the key file.
pub async fn rotate_secret_key(database: &Database) -> Result<PathBuf, StartError> {
    let options = options(database)?;
    let (place, file) = (options.place(), options.secret_key_path());
    let failed = |reason| StartError::Database { place: place.clone(), reason };
    let store = SqlStore::open(options, ReaderHub::new()).await.map_err(failed)?;
    let rotated = store.rotate_secret_key().await;
    store.close().await;
    rotated.map_err(failed).map(|()| file)
}

/// Replaces a lost secret key. Returns the new key file.
pub async fn reset_secret_key(database: &Database) -> Result<PathBuf, StartError> {
    let options = options(database)?;
    let place = options.place();
    let done = SqlStore::reset_secret_key(&options).await;
    done.map_err(|reason| StartError::Database { place, reason })
        .map(|()| options.secret_key_path())
}

fn options(database: &Database) -> Result<DatabaseOptions, StartError> {
    let options = DatabaseOptions::parse(&database.url)
        .map_err(|invalid| invalid_url(&database.url, invalid))?
        .with_direct_url(database.direct_url.as_deref())?;
    Ok(options.with_secret_key_file(database.secret_key_file.clone()))
}

async fn open(
    options: DatabaseOptions,
    event_sink: Arc<dyn EventSink>,
) -> Result<(App, Arc<dyn Store>), StartError> {
    let place = options.place();
    let store: Arc<dyn Store> = match SqlStore::open(options, event_sink).await {
        Ok(store) => Arc::new(store),
        Err(reason) => return Err(StartError::Database { place, reason }),
    };
    Ok((App::new(Arc::clone(&store), Arc::new(SystemClock), Arc::new(SystemRng)), store))
}

/// A server that is bound and has opened its database. Connections wait until [`Server::run`].
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    public_url: Origin,
    app: App,
    store: Arc<dyn Store>,
    hub: Arc<ReaderHub>,
    conversations: Arc<ConversationHub>,
    readiness: Readiness,
    protocol: Protocol,
    proxies: TrustedProxies,
    admission: Arc<Admission>,
    webhook_dispatcher: WebhookDispatcher,
    drain_timeout: Duration,
    set_up_secret: Option<Secret>,
}

impl Server {
    /// Binds the address and opens the database.
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        let database = options(&Database {
            url: config.database_url.clone(),
            direct_url: config.database_direct_url,
            secret_key_file: config.secret_key_file,
        })?
        .with_bus(config.bus)?;
        let refused = |error: io::Error| StartError::listen(config.listen, error);
        let listener = TcpListener::bind(config.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let public_url = match config.public_url {
            Some(url) => url,
            None => own_origin(address)?,
        };
        let (hub, conversations) = (ReaderHub::new(), ConversationHub::new(public_url.clone()));
        let bus = EventBus { readers: Arc::clone(&hub), conversations: Arc::clone(&conversations) };
        let is_shared = matches!(database, DatabaseOptions::Postgres(_));
        let (inbox, store) = open(database, Arc::new(bus)).await?;
        if is_shared {
            // The store holds the hub.
            let store = Arc::downgrade(&store);
            conversations.relay_presence(Box::new(move |event| {
                if let Some(store) = store.upgrade() {
                    store.relay(event);
                }
            }));
        }
        let options = OutboundOptions {
            allow_private: config.webhooks_allow_private,
            ..OutboundOptions::default()
        };
        let egress = Egress {
            public_url: Some(public_url.clone()),
            proxy: config.outbound_proxy,
            is_proxy_in_environment: config.is_proxy_in_environment,
        };
        if egress.is_proxy_in_environment && egress.proxy.is_none() {
            tracing::warn!(
                "the proxy from the environment is not used for webhooks and pages; set --outbound-proxy"
            );
        }
        let http_client = http_client_with_egress(options, egress);
        let dispatcher = WebhookDispatcher::new(
            Arc::clone(&store),
            Arc::clone(&http_client),
            Arc::new(SystemClock),
            Arc::new(SystemRng),
        );
        let app = inbox
            .with_http_client(http_client)
            .with_public_url(public_url.clone())
            .with_max_attachment_bytes(config.attachment_bytes);
        app.restore_time().await.map_err(|error| StartError::Database {
            place: config.database_url.clone(),
            reason: StoreError::Unavailable(error.to_string()),
        })?;
        let presence = Arc::clone(&conversations) as Arc<dyn PresenceView>;
        let webhook_dispatcher = dispatcher
            .with_clock_watch(app.clock_watch().clone())
            .with_conversation_events(public_url.clone(), presence);
        let readiness = Readiness::default();
        let router = router(RouterParts {
            app: app.clone(),
            hub: Arc::clone(&hub),
            conversations: Arc::clone(&conversations),
            public_url: public_url.clone(),
            limits: config.limits,
            api: config.api,
            channels: config.channels,
            widget: belfry_widget::Limits::default(),
            rng: Arc::new(SystemRng) as Arc<dyn Rng>,
            readiness: readiness.clone(),
        });
        let proxies = TrustedProxies::new(config.trusted_proxies);
        let protocol = Protocol::new(config.limits, proxies.clone(), router);
        let admission =
            Admission::new(max_connections(config.connections), config.connections.per_address);
        let drain_timeout = config.limits.drain_timeout;
        Ok(Self {
            listener,
            address,
            public_url,
            app,
            store,
            hub,
            conversations,
            readiness,
            protocol,
            proxies,
            admission,
            webhook_dispatcher,
            drain_timeout,
            set_up_secret: None,
        })
    }

    /// The bound address, with the actual port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The public origin.
    pub fn public_url(&self) -> &Origin {
        &self.public_url
    }

    /// The use cases, for code in the same process.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The store, for code in the same process.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The secret that creates the first account, while there is none.
    pub fn set_up_secret(&self) -> Option<&Secret> {
        self.set_up_secret.as_ref()
    }

    /// Serves until `stop`. Then event streams end, requests in flight are finished within the
    /// drain timeout (or until `abort`), and the database is closed.
    pub async fn run(self, stop: CancellationToken, abort: CancellationToken) {
        let jobs = [
            tokio::spawn(jobs::start_staggered(0, jobs::advance_schedule(self.app.clone()))),
            tokio::spawn(jobs::start_staggered(1, jobs::run_imports(self.app.clone()))),
            tokio::spawn(jobs::start_staggered(3, jobs::sweep(self.app.clone()))),
            tokio::spawn(jobs::start_staggered(4, jobs::fan_out(self.app.clone()))),
            tokio::spawn(jobs::start_staggered(5, jobs::reopen_snoozed(self.app.clone()))),
        ];
        let conversations = Arc::clone(&self.conversations);
        let heartbeats = tokio::spawn(async move { conversations.send_heartbeats().await });
        let dispatcher =
            tokio::spawn(jobs::start_staggered(2, self.webhook_dispatcher.run(stop.clone())));
        let connections = TaskTracker::new();
        let halt = dispatcher.abort_handle();
        // A child token, so that exceeding the drain timeout drops the rest without cancelling the
        // caller's token.
        let abort = abort.child_token();
        let mut accepting = Acceptor::default();
        let mut stopping_since = None;
        loop {
            let accepted = match stopping_since {
                None => tokio::select! {
                    () = stop.cancelled() => {
                        self.readiness.stop();
                        ignore_new(&self.listener);
                        stopping_since = Some(Instant::now());
                        continue;
                    }
                    accepted = accepting.accept(&self.listener) => Some(accepted),
                },
                Some(since) => accepting.accept_established(&self.listener, since).await,
            };
            let Some((socket, peer)) = accepted else { break };
            let Ok(permit) = self.admission.admit(peer.ip(), self.proxies.trusts(peer.ip())) else {
                reject(socket);
                continue;
            };
            connections.spawn(self.protocol.clone().serve(
                socket,
                peer,
                permit,
                connections.clone(),
                stop.clone(),
                abort.clone(),
            ));
        }
        tracing::info!("stopping: requests in flight are completed, event streams are closed");
        drop(self.listener);
        self.hub.close();
        self.conversations.close();
        connections.close();
        tokio::select! {
            () = async {
                connections.wait().await;
                self.app.wait_for_detached().await;
                let _ = dispatcher.await;
            } => {}
            () = abort.cancelled() => tracing::warn!("second stop signal: stopping immediately"),
            () = tokio::time::sleep(self.drain_timeout) => tracing::warn!("some requests did not finish in time and are dropped"),
        }
        let hurried = abort.is_cancelled();
        abort.cancel();
        // Unfinished deliveries remain due and are sent again.
        halt.abort();
        heartbeats.abort();
        for job in jobs {
            job.abort();
        }
        let closing = self.store.close();
        if hurried {
            let _ = tokio::time::timeout(DATABASE_CLOSE_TIMEOUT, closing).await;
        } else {
            closing.await;
        }
        tracing::info!("stopped");
    }
}

/// Serves until SIGTERM or SIGINT. `ready` is called once, when connections are accepted.
pub async fn serve(config: Config, ready: impl FnOnce(&Server)) -> Result<(), StartError> {
    let (stop, abort) = (CancellationToken::new(), CancellationToken::new());
    let mut server = Server::bind(config).await?;
    match server.app.offer_set_up().await {
        Ok(secret) => server.set_up_secret = secret,
        // Existing data can be served nevertheless.
        Err(error) => tracing::error!(%error, "the first account can't be set up"),
    }
    stop_on_signal(stop.clone(), abort.clone())?;
    if !is_secure(server.public_url()) {
        tracing::warn!(
            "{} is neither https nor localhost: browsers store no session there, so nobody can sign in to the console; put a proxy with \
             https in front and set --public-url to its URL, or use http://localhost",
            server.public_url()
        );
    }
    tracing::info!(listen = %server.address(), public_url = %server.public_url(), "serving");
    ready(&server);
    server.run(stop, abort).await;
    Ok(())
}

/// Includes the URL in the error, unless it may contain a password.
fn invalid_url(url: &str, invalid: ValidationError) -> StartError {
    let reason = if url.contains(['@', '?']) {
        invalid.reason
    } else {
        errors::value_rejected(url.escape_debug().to_string(), invalid.reason)
    };
    StartError::Configuration(ValidationError::new(invalid.field, reason))
}

/// The address as a browser on this machine would write it.
fn own_origin(address: SocketAddr) -> Result<Origin, StartError> {
    let text = if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    };
    text.parse::<Origin>().map_err(|invalid| {
        StartError::Configuration(ValidationError::new("public-url", invalid.reason))
    })
}
