#include "services/server.hpp"

#include "data/postgis/announcement.hpp"
#include "data/postgis/coverages.hpp"
#include "data/postgis/edit_store.hpp"
#include "data/postgis/feature_store.hpp"
#include "data/postgis/job_queue.hpp"
#include "data/postgis/land_store.hpp"
#include "data/postgis/past_store.hpp"
#include "data/postgis/pool.hpp"
#include "services/access/accounts.hpp"
#include "services/api/account.hpp"
#include "services/api/backing.hpp"
#include "services/api/batch.hpp"
#include "services/api/collections.hpp"
#include "services/api/console.hpp"
#include "services/api/coverages.hpp"
#include "services/api/edits.hpp"
#include "services/api/features.hpp"
#include "services/api/filters.hpp"
#include "services/api/geocode.hpp"
#include "services/api/health.hpp"
#include "services/api/history.hpp"
#include "services/api/indicators.hpp"
#include "services/api/jobs.hpp"
#include "services/api/land.hpp"
#include "services/api/landing.hpp"
#include "services/api/live.hpp"
#include "services/api/openapi.hpp"
#include "services/api/place_file.hpp"
#include "services/api/places.hpp"
#include "services/api/questions.hpp"
#include "services/api/schemas.hpp"
#include "services/api/styles.hpp"
#include "services/api/tiles.hpp"
#include "services/domain/job_runner.hpp"

#include <atomic>

namespace diaban::services {

namespace {

data::postgis::PoolOptions serve_pool(Settings const& settings) {
    data::postgis::PoolOptions options;
    options.uri = settings.database;
    options.role = data::postgis::Role::serve;
    options.size = settings.sql_connections;
    options.statement_timeout = std::chrono::milliseconds{settings.sql_timeout_ms};
    return options;
}

/// Writers wait for each other at the feed's lock, and longer for a disk than readers for an
/// answer.
data::postgis::PoolOptions edit_options(Settings const& settings) {
    auto options = serve_pool(settings);
    options.role = data::postgis::Role::edit;
    options.wait = std::chrono::seconds{1};
    options.statement_timeout = std::chrono::seconds{5};
    return options;
}

domain::AtlasOptions atlas_options(Settings const& settings, live::LiveEdge& live_edge) {
    domain::AtlasOptions options;
    options.database = settings.database;
    options.segments = settings.segments;
    options.load_threads = settings.load_threads;
    options.cache_bytes = std::size_t{settings.cache_mb} << 20;
    options.cut.buffer = settings.tile_buffer;
    options.tell = [&live_edge](domain::News news) { live_edge.tell(std::move(news)); };
    return options;
}

live::LiveEdgeOptions live_options(Settings const& settings) {
    live::LiveEdgeOptions options;
    options.address = settings.listen;
    options.port = settings.live_port;
    options.database = settings.database;
    options.connections = settings.live_connections;
    options.channel.log_entries = settings.live_log;
    return options;
}

domain::JobRunnerOptions job_options(Settings const& settings) {
    domain::JobRunnerOptions options;
    options.program = settings.program;
    options.blobs = settings.blobs;
    options.slots = settings.job_slots;
    options.variables = {{"DIABAN_DATABASE", settings.database},
                         {"DIABAN_HOME", settings.home.string()},
                         {"DIABAN_BLOBS", settings.blobs.string()},
                         {"DIABAN_JOB_MEMORY_MB", std::to_string(settings.job_memory_mb)},
                         {"DIABAN_LOG_LEVEL", settings.log_level}};
    return options;
}

http::EdgeOptions edge_options(Settings const& settings) {
    http::EdgeOptions options;
    options.address = settings.listen;
    options.port = settings.port;
    options.threads = settings.edge_threads;
    return options;
}

http::ApplicationOptions application_options(Settings const& settings, access::Gate const& gate) {
    http::ApplicationOptions options;
    options.allow_origin = settings.allow_origin;
    options.server_timing = settings.server_timing;
    options.gate = &gate;
    return options;
}

void write_live(std::string& out, live::LiveEdge::Counters const& live) {
    using http::write_metric;
    auto const value = [](auto number) { return static_cast<double>(number); };
    write_metric(out, "diaban_live_subscribers", "gauge", "Subscribers of the live channel.",
                 value(live.channel.subscribers));
    write_metric(out, "diaban_live_connections", "gauge", "Connections to the live port.",
                 value(live.connections));
    write_metric(out, "diaban_live_refused_total", "counter",
                 "Subscribers turned away because there were too many.", value(live.refused));
    write_metric(out, "diaban_live_messages_total", "counter", "Messages given to subscribers.",
                 value(live.channel.messages));
    write_metric(out, "diaban_live_resyncs_total", "counter",
                 "Times a subscriber was told to fetch everything again.",
                 value(live.channel.resyncs));
    write_metric(out, "diaban_live_drops_total", "counter",
                 "Subscribers dropped because they took nothing.", value(live.channel.drops));
    write_metric(out, "diaban_live_behind", "gauge",
                 "Entries of the log that the slowest subscriber has before it.",
                 value(live.channel.behind));
    write_metric(out, "diaban_live_log_entries", "gauge",
                 "Entries kept for those who are behind or come back.",
                 value(live.channel.log_entries));
    write_metric(out, "diaban_live_log_bytes", "gauge", "Bytes of messages among them.",
                 value(live.channel.log_bytes));
    write_metric(out, "diaban_live_lag_seconds", "gauge",
                 "Commit to the live channel, of the last change told.", live.channel.lag_seconds);
}

void write_jobs(std::string& out, domain::JobRunner::Counters const& jobs) {
    using http::write_metric;
    write_metric(out, "diaban_jobs_running", "gauge", "Jobs that this node runs.",
                 static_cast<double>(jobs.running));
    write_metric(out, "diaban_jobs_started_total", "counter", "Jobs that this node has begun.",
                 static_cast<double>(jobs.started));
    write_metric(out, "diaban_jobs_died_total", "counter",
                 "Jobs whose process ended without finishing them.",
                 static_cast<double>(jobs.died));
}

} // namespace

struct Server::State {
    explicit State(Settings const& given)
        : settings{given}, accounts{settings.database}, pool{serve_pool(settings)}, store{pool},
          past{pool}, coverages{pool}, shelf{coverages, given.blobs}, edit_pool{edit_options(
                                                                          settings)},
          edit_store{edit_pool}, land{pool, edit_pool}, dossiers{edit_pool}, job_queue{edit_pool},
          jobs{job_queue, job_options(settings)}, announcer{settings.database},
          live_edge{live_options(settings)}, atlas{atlas_options(settings, live_edge)},
          editing{atlas, edit_store, announcer}, backing{atlas,   pool,     store,  past,
                                                         editing, settings, orders, accounts},
          application{routes(), application_options(settings, accounts.directory)},
          edge{edge_options(settings), application} {}

    http::Router routes() {
        http::Router router;
        api::add_tiles(router, backing); // asked most, found first
        api::add_landing(router, !settings.read_only);
        auto const description = api::add_openapi(router);
        api::add_collections(router, backing);
        api::add_features(router, backing);
        if (!settings.read_only) {
            api::add_edits(router, backing);
            api::add_batch(router, backing);
        }
        api::add_filters(router);
        api::add_history(router, backing);
        api::add_coverages(router, shelf);
        api::add_jobs(router, backing, {job_queue, shelf, settings.blobs, [this] { jobs.wake(); }});
        api::add_questions(router, backing);
        api::add_schemas(router, backing);
        api::add_places(router, backing);
        api::add_geocode(router, backing, unit_lists);
        api::add_place_file(router, backing, unit_lists);
        api::add_indicators(router, backing, unit_lists);
        api::add_land(router, backing, {land, dossiers});
        if (!settings.read_only) {
            api::add_dossiers(router, {land, dossiers});
            api::add_extracts(router, {land, dossiers});
        }
        api::add_live(router, [this] { return live_edge.port(); });
        api::add_styles(router, backing);
        api::add_health(router, backing, [this](std::string& out) {
            application.metrics().write(out);
            http::write_metric(out, "diaban_http_draining", "gauge",
                               "Answers being finished for slow clients.",
                               static_cast<double>(edge.draining()));
            write_live(out, live_edge.counters());
            write_jobs(out, jobs.counters());
        });
        api::add_account(router, backing);
        api::add_administration(router, backing);
        api::add_audit(router, backing);
        api::add_personal(router, backing);
        api::add_console(router, backing);
        *description = api::describe_api(router);
        return router;
    }

    Settings settings;
    access::Accounts accounts;
    data::postgis::Pool pool;
    data::postgis::FeatureStore store;
    data::postgis::PastStore past;
    data::postgis::Coverages coverages;
    domain::CoverageShelf shelf;
    data::postgis::Pool edit_pool;
    data::postgis::EditStore edit_store;
    data::postgis::LandStore land;
    data::postgis::DossierStore dossiers;
    data::postgis::JobQueue job_queue;
    domain::JobRunner jobs;
    data::postgis::Announcer announcer;
    live::LiveEdge live_edge; // the atlas tells it
    domain::Atlas atlas;
    domain::SortOrders orders;
    std::shared_ptr<domain::UnitListCache> unit_lists{
        std::make_shared<domain::UnitListCache>(pool)};
    domain::Editing editing;
    api::Backing backing;
    http::Application application;
    http::PistacheEdge edge;
    std::unique_ptr<api::LiveDoor> door;
};

Server::Server(Settings const& settings) : m_state{std::make_unique<State>(settings)} {}

Server::~Server() {
    stop();
}

void Server::start() {
    auto& state = *m_state;
    constexpr std::chrono::seconds patience{2}; // with the record there it takes milliseconds
    state.accounts.directory.wait_until_ready(patience);
    state.edge.start();
    auto options = application_options(state.settings, state.accounts.directory);
    options.pages_port = state.edge.port();
    state.door = std::make_unique<api::LiveDoor>(state.atlas, std::move(options),
                                                 state.settings.live_connections);
    state.live_edge.start(*state.door);
}

std::uint16_t Server::live_port() const {
    return m_state->live_edge.port();
}

std::uint16_t Server::port() const {
    return m_state->edge.port();
}

access::Accounts& Server::accounts() noexcept {
    return m_state->accounts;
}

domain::Atlas& Server::atlas() noexcept {
    return m_state->atlas;
}

http::Application& Server::application() noexcept {
    return m_state->application;
}

void Server::stop() {
    m_state->jobs.stop();
    m_state->live_edge.stop();
    m_state->edge.stop();
}

} // namespace diaban::services
