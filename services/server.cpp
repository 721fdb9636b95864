#include "services/server.hpp"

#include "data/packs/returned_pack.hpp"
#include "data/postgis/alert_store.hpp"
#include "data/postgis/announcement.hpp"
#include "data/postgis/coverages.hpp"
#include "data/postgis/edit_store.hpp"
#include "data/postgis/feature_store.hpp"
#include "data/postgis/job_queue.hpp"
#include "data/postgis/land_statistics_store.hpp"
#include "data/postgis/land_store.hpp"
#include "data/postgis/observation_store.hpp"
#include "data/postgis/past_store.hpp"
#include "data/postgis/pool.hpp"
#include "data/postgis/pull_store.hpp"
#include "data/postgis/report_store.hpp"
#include "data/postgis/sta_store.hpp"
#include "data/postgis/standing_store.hpp"
#include "data/postgis/wall_store.hpp"
#include "data/postgis/watch_store.hpp"
#include "geo/error.hpp"
#include "services/access/accounts.hpp"
#include "services/access/fetch.hpp"
#include "services/access/passes.hpp"
#include "services/api/account.hpp"
#include "services/api/alerts.hpp"
#include "services/api/archives.hpp"
#include "services/api/backing.hpp"
#include "services/api/batch.hpp"
#include "services/api/border_gates.hpp"
#include "services/api/cameras.hpp"
#include "services/api/collections.hpp"
#include "services/api/console.hpp"
#include "services/api/coverages.hpp"
#include "services/api/edits.hpp"
#include "services/api/features.hpp"
#include "services/api/filters.hpp"
#include "services/api/geocode.hpp"
#include "services/api/health.hpp"
#include "services/api/heat.hpp"
#include "services/api/history.hpp"
#include "services/api/indicators.hpp"
#include "services/api/inspections.hpp"
#include "services/api/jobs.hpp"
#include "services/api/land.hpp"
#include "services/api/land_statistics.hpp"
#include "services/api/landing.hpp"
#include "services/api/live.hpp"
#include "services/api/lots.hpp"
#include "services/api/map_images.hpp"
#include "services/api/open311.hpp"
#include "services/api/openapi.hpp"
#include "services/api/packs.hpp"
#include "services/api/place_file.hpp"
#include "services/api/place_names.hpp"
#include "services/api/places.hpp"
#include "services/api/press.hpp"
#include "services/api/questions.hpp"
#include "services/api/response.hpp"
#include "services/api/schemas.hpp"
#include "services/api/sta.hpp"
#include "services/api/storms.hpp"
#include "services/api/styles.hpp"
#include "services/api/tiles.hpp"
#include "services/api/wall.hpp"
#include "services/api/webhooks.hpp"
#include "services/api/work.hpp"
#include "services/domain/fence_watch.hpp"
#include "services/domain/indicator_pull.hpp"
#include "services/domain/job_runner.hpp"
#include "services/domain/order_watch.hpp"
#include "services/domain/press.hpp"
#include "services/domain/puller.hpp"
#include "services/domain/standing_figures.hpp"
#include "services/domain/station_watch.hpp"
#include "services/domain/webhook_sender.hpp"
#include "services/mqtt/observation_intake.hpp"
#include "services/server_metrics.hpp"
#include "services/traces/tracer.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

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
    options.statement_timeout =
        std::max<std::chrono::milliseconds>(std::chrono::seconds{5}, options.statement_timeout);
    return options;
}

/// For what is kept in order behind everyone's back.
data::postgis::PoolOptions keeper_options(Settings const& settings) {
    auto options = serve_pool(settings);
    options.role = data::postgis::Role::feed;
    options.size = 1;
    options.statement_timeout = std::chrono::minutes{5};
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

live::LiveEdgeOptions live_options(Settings const& settings, http::ClientLimits& limits) {
    live::LiveEdgeOptions options;
    options.clients = &limits;
    options.address = settings.listen;
    options.port = settings.live_port;
    options.database = settings.database;
    options.connections = settings.live_connections;
    options.channel.log_entries = settings.live_log;
    return options;
}

domain::JobRunnerOptions job_options(Settings const& settings,
                                     data::postgis::CasePhotoStore const& photos,
                                     traces::Tracer* tracer) {
    domain::JobRunnerOptions options;
    options.tracer = tracer;
    options.also = [&photos] {
        if (auto const given_up = photos.give_up(std::chrono::hours{24}); given_up > 0)
            spdlog::info("{} photos that never arrived whole are given up", given_up);
    };
    options.program = settings.program;
    options.blobs = settings.blobs;
    options.slots = settings.job_slots;
    options.variables = {{"DIABAN_DATABASE", settings.database},
                         {"DIABAN_HOME", settings.home.string()},
                         {"DIABAN_BLOBS", settings.blobs.string()},
                         {"DIABAN_JOB_MEMORY_MB", std::to_string(settings.job_memory_mb)},
                         {"DIABAN_LOG_LEVEL", settings.log_level},
                         {"DIABAN_LOG_FORMAT", settings.log_format}};
    return options;
}

http::ClientBounds client_bounds(Settings const& settings) {
    http::ClientBounds bounds;
    bounds.trusted = http::Networks::read(settings.trusted_proxies, "trusted_proxies");
    bounds.anonymous = settings.rate_anonymous;
    bounds.signed_in = settings.rate_signed_in;
    bounds.service = settings.rate_service;
    bounds.connections = settings.client_connections;
    return bounds;
}

http::EdgeOptions edge_options(Settings const& settings, http::ClientLimits& limits) {
    http::EdgeOptions options;
    options.clients = &limits;
    options.address = settings.listen;
    options.port = settings.port;
    options.threads = settings.edge_threads;
    options.limits.file_path = "/land/packs";
    options.limits.file = data::packs::largest_pack;
    return options;
}

/// Nothing where no spans are wanted.
std::unique_ptr<traces::Tracer> make_tracer(Settings const& settings) {
    if (settings.traces.empty()) return nullptr;
    traces::TracerOptions options;
    options.ratio = settings.trace_ratio;
    options.version = DIABAN_VERSION;
    std::array<char, 256> host{};
    static_cast<void>(::gethostname(host.data(), host.size() - 1));
    options.node = fmt::format("{}:{}", host.data(), settings.port);
    return std::make_unique<traces::Tracer>(
        std::move(options), [url = settings.traces](std::string const& document) {
            return access::fetch({.url = url, .document = document}).status / 100 == 2;
        });
}

http::ApplicationOptions application_options(Settings const& settings, access::Gate const& gate,
                                             http::ClientLimits& limits, traces::Tracer* tracer) {
    http::ApplicationOptions options;
    options.limits = &limits;
    options.allow_origin = settings.allow_origin;
    options.server_timing = settings.server_timing;
    constexpr unsigned a_core = 24; // at 0.5 ms each, the last in waits some 12 ms for its turn
    options.most_working = a_core * std::max(1u, std::thread::hardware_concurrency());
    options.gate = &gate;
    options.tracer = tracer;
    return options;
}

/// The body of a 200.
std::string get_from(std::string const& url, http::Networks const& reach) {
    auto fetched = access::fetch({.url = url, .reach = &reach});
    if (fetched.status != 200)
        throw geo::Error{
            geo::Code::unavailable,
            "pull-refused",
            {{"value", url.substr(0, 200)}, {"reason", "HTTP " + std::to_string(fetched.status)}}};
    return std::move(fetched.body);
}

} // namespace

struct Server::State {
    explicit State(Settings const& given)
        : settings{given}, accounts{settings.database}, pool{serve_pool(settings)}, store{pool},
          past{pool}, coverages{pool}, shelf{coverages, given.blobs},
          edit_pool{edit_options(settings)}, edit_store{edit_pool}, land{pool, edit_pool},
          land_statistics{pool, edit_pool}, dossiers{edit_pool}, reports{pool, edit_pool},
          screens{edit_pool}, sensing{pool}, gates{pool}, alerts{pool}, observations{edit_pool},
          keeper_pool{keeper_options(settings)}, keeper{keeper_pool}, watched{edit_pool},
          station_watch{watched, keeper}, standing{edit_pool, keeper_pool}, figures{standing},
          orders_due{edit_pool}, order_watch{orders_due}, rescue{edit_pool}, inspections{pool,
                                                                                         edit_pool},
          case_photos{edit_pool}, packs{edit_pool}, fence_watch{settings.database},
          webhooks{settings.database, {.reach = reach}}, topology{edit_pool}, job_queue{edit_pool},
          jobs{job_queue, job_options(settings, case_photos, tracer.get())},
          announcer{settings.database}, live_edge{live_options(settings, live_limits)},
          atlas{atlas_options(settings, live_edge)},
          editing{atlas, edit_store, announcer, topology}, archives{settings.archives},
          pulls{edit_pool}, press{atlas, editing, reports, unit_lists,
                                  std::make_shared<domain::MentionsKeeper>()},
          puller{pulls,
                 {domain::indicator_pull(atlas, editing, unit_lists), domain::press_pull(press)},
                 [this](std::string const& url) { return get_from(url, reach); }},
          backing{atlas, pool, store, past, editing, settings, orders, accounts, archives},
          application{routes(), application_options(settings, passes, limits, tracer.get())},
          edge{edge_options(settings, limits), application} {
        count_leases();
        if (!settings.mqtt.empty())
            intake.emplace(settings.database, mqtt::read_broker(settings.mqtt));
    }

    http::Router routes() {
        http::Router router;
        api::add_tiles(router, backing); // asked most, found first
        api::add_archives(router, backing);
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
        api::add_heat(router, backing);
        api::add_heat_cells(router, backing);
        api::add_cameras(router, backing, shelf);
        api::add_camera_pictures(router, backing);
        if (!settings.read_only) api::add_offences(router, backing);
        api::add_open311(router, backing, {reports, settings.blobs}, settings.read_only);
        api::add_reports(router, backing, {reports, settings.blobs}, settings.read_only);
        api::add_report_statistics(router, backing);
        if (!settings.read_only) api::add_moderation(router, backing);
        api::add_storms(router, backing);
        api::add_storm_bulletins(router, backing, !settings.read_only);
        api::add_hazard_rules(router, backing);
        api::add_response(router, backing, rescue, !settings.read_only);
        api::add_sta(router, backing, {sensing, observations}, !settings.read_only);
        api::add_alerts(router, backing, alerts, !settings.read_only);
        api::add_border_gates(router, gates);
        api::add_webhooks(router, webhooks.store(), webhooks.hosts(), !settings.read_only);
        api::add_wall(router, backing, screens);
        api::add_schemas(router, backing);
        api::add_places(router, backing);
        api::add_lots(router, backing);
        api::add_forms(router, backing, unit_lists, !settings.read_only);
        api::add_indicator_push(router, backing, unit_lists, !settings.read_only);
        api::add_press(router, backing, press, !settings.read_only);
        api::add_tasks(router, backing, !settings.read_only);
        api::add_public_services(router, backing, !settings.read_only);
        api::add_directives(router, backing);
        api::add_land(router, backing, {land, dossiers});
        api::add_land_statistics(router, backing, land_statistics, !settings.read_only);
        api::add_inspections(router, backing, {inspections, case_photos}, !settings.read_only);
        api::add_case_photos(router, backing, {inspections, case_photos}, !settings.read_only);
        api::add_packs(router, backing, {job_queue, shelf, settings.blobs, [this] { jobs.wake(); }},
                       packs, !settings.read_only);
        if (!settings.read_only) {
            api::add_dossiers(router, {land, dossiers}, topology);
            api::add_extracts(router, {land, dossiers});
        }
        auto const names = api::make_place_names(backing, unit_lists);
        api::add_geocode(router, backing, unit_lists, names);
        if (!settings.read_only) api::add_ties(router, backing, unit_lists, names);
        api::add_place_file(router, backing, unit_lists);
        api::add_indicators(router, backing, unit_lists);
        api::add_live(router, [this] { return live_edge.port(); });
        api::add_styles(router, backing);
        api::add_map_images(router, backing, map_images);
        api::add_health(router, backing, leaving, [this](std::string& out) {
            application.metrics().write(out);
            limits.write(out);
            http::write_metric(out, "diaban_http_draining", "gauge",
                               "Answers being finished for slow clients.",
                               static_cast<double>(edge.draining()));
            http::write_metric(out, "diaban_http_working", "gauge", "Requests at work now.",
                               application.crowding().working());
            http::write_metric(out, "diaban_http_crowded_total", "counter",
                               "Requests turned away because too many were at work.",
                               static_cast<double>(application.crowding().refused()));
            write_live(out, live_edge.counters());
            write_jobs(out, jobs.counters());
            write_figures(out, figures.last());
            write_leases(out);
            if (tracer) write_traces(out, tracer->counters());
            if (intake) write_mqtt(out, intake->counters());
        });
        api::add_account(router, backing);
        api::add_administration(router, backing);
        api::add_audit(router, backing);
        api::add_personal(router, backing);
        api::add_console(router, backing);
        *description = api::describe_api(router);
        return router;
    }

    /// Where this machine reaches the server: at the address that is bound, or by loopback.
    [[nodiscard]] std::string own_address() const {
        bool const any = settings.listen == "0.0.0.0" || settings.listen == "::";
        bool const v6 = !any && settings.listen.find(':') != std::string::npos;
        auto const host = any ? "127.0.0.1" : v6 ? "[" + settings.listen + "]" : settings.listen;
        return fmt::format("http://{}:{}", host, edge.port());
    }

    Settings settings;
    std::atomic<bool> leaving{false};
    http::Networks reach{http::Networks::read(settings.fetch_private, "fetch_private")};
    http::ClientLimits limits{client_bounds(settings)};
    http::ClientLimits live_limits{client_bounds(settings)}; // a port's connections are its own
    std::unique_ptr<traces::Tracer> tracer{make_tracer(settings)}; // gone last
    access::Accounts accounts;
    data::postgis::Pool pool;
    data::postgis::FeatureStore store;
    data::postgis::PastStore past;
    data::postgis::Coverages coverages;
    domain::CoverageShelf shelf;
    data::postgis::Pool edit_pool;
    data::postgis::EditStore edit_store;
    data::postgis::LandStore land;
    data::postgis::LandStatisticsStore land_statistics;
    data::postgis::DossierStore dossiers;
    data::postgis::ReportStore reports;
    data::postgis::WallStore screens;
    data::postgis::StaStore sensing;
    data::postgis::GateStore gates;
    data::postgis::AlertStore alerts;
    data::postgis::ObservationStore observations;
    data::postgis::Pool keeper_pool;
    data::postgis::ObservationStore keeper;
    data::postgis::WatchStore watched;
    domain::StationWatch station_watch;
    data::postgis::StandingStore standing;
    domain::StandingFigures figures;
    data::postgis::OrderStore orders_due;
    domain::OrderWatch order_watch;
    data::postgis::RescueStore rescue;
    data::postgis::InspectionStore inspections;
    data::postgis::CasePhotoStore case_photos;
    data::postgis::PackStore packs;
    domain::FenceWatch fence_watch;
    domain::WebhookSender webhooks;
    std::optional<mqtt::ObservationIntake> intake;
    data::postgis::TopologyStore topology;
    data::postgis::JobQueue job_queue;
    domain::JobRunner jobs;
    data::postgis::Announcer announcer;
    live::LiveEdge live_edge; // the atlas tells it
    domain::Atlas atlas;
    domain::SortOrders orders;
    std::shared_ptr<domain::UnitListCache> unit_lists{
        std::make_shared<domain::UnitListCache>(pool)};
    domain::Editing editing;
    archive::Shelf archives;
    data::postgis::PullStore pulls;
    domain::PressGround press;
    domain::Puller puller;
    api::Backing backing;
    access::Passes passes{accounts.directory};
    print::MapImages map_images{settings.browser, [this] { return own_address(); }, passes};
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
    state.figures.start();
    if (!state.settings.read_only) {
        state.puller.start();
        state.station_watch.start();
        state.order_watch.start();
        state.fence_watch.start();
        state.webhooks.start();
        if (state.intake) state.intake->start();
    }
    auto options = application_options(state.settings, state.accounts.directory, state.limits,
                                       state.tracer.get());
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

void Server::take(Settings const& settings) {
    spdlog::set_level(spdlog::level::from_str(settings.log_level));
    m_state->jobs.allow(settings.job_slots);
    m_state->live_edge.allow(settings.live_connections);
    m_state->door->allow(settings.live_connections);
}

void Server::leave() {
    m_state->leaving = true;
    m_state->edge.leave();
}

void Server::stop() {
    m_state->puller.stop();
    m_state->station_watch.stop();
    m_state->order_watch.stop();
    m_state->figures.stop();
    m_state->fence_watch.stop();
    m_state->webhooks.stop();
    if (m_state->intake) m_state->intake->stop();
    m_state->map_images.stop();
    m_state->jobs.stop();
    m_state->live_edge.stop();
    m_state->edge.stop();
}

} // namespace diaban::services
