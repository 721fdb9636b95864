#include "services/server.hpp"

#include "data/postgis/announcement.hpp"
#include "data/postgis/edit_store.hpp"
#include "data/postgis/feature_store.hpp"
#include "data/postgis/past_store.hpp"
#include "data/postgis/pool.hpp"
#include "services/api/backing.hpp"
#include "services/api/batch.hpp"
#include "services/api/collections.hpp"
#include "services/api/console.hpp"
#include "services/api/edits.hpp"
#include "services/api/features.hpp"
#include "services/api/filters.hpp"
#include "services/api/health.hpp"
#include "services/api/history.hpp"
#include "services/api/landing.hpp"
#include "services/api/openapi.hpp"
#include "services/api/places.hpp"
#include "services/api/questions.hpp"
#include "services/api/schemas.hpp"
#include "services/api/styles.hpp"
#include "services/api/tiles.hpp"

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

domain::AtlasOptions atlas_options(Settings const& settings) {
    domain::AtlasOptions options;
    options.database = settings.database;
    options.segments = settings.segments;
    options.load_threads = settings.load_threads;
    options.cache_bytes = std::size_t{settings.cache_mb} << 20;
    options.cut.buffer = settings.tile_buffer;
    return options;
}

http::EdgeOptions edge_options(Settings const& settings) {
    http::EdgeOptions options;
    options.address = settings.listen;
    options.port = settings.port;
    options.threads = settings.edge_threads;
    return options;
}

http::ApplicationOptions application_options(Settings const& settings) {
    http::ApplicationOptions options;
    options.allow_origin = settings.allow_origin;
    options.server_timing = settings.server_timing;
    return options;
}

} // namespace

struct Server::State {
    explicit State(Settings const& given)
        : settings{given}, pool{serve_pool(settings)}, store{pool}, past{pool},
          edit_pool{edit_options(settings)}, edit_store{edit_pool}, announcer{settings.database},
          atlas{atlas_options(settings)}, editing{atlas, edit_store, announcer},
          backing{atlas, pool, store, past, editing, settings, orders},
          application{routes(), application_options(settings)}, edge{edge_options(settings),
                                                                     application} {}

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
        api::add_questions(router, backing);
        api::add_schemas(router, backing);
        api::add_places(router, backing);
        api::add_styles(router, backing);
        api::add_health(router, backing, [this](std::string& out) {
            application.metrics().write(out);
            http::write_metric(out, "diaban_http_draining", "gauge",
                               "Answers being finished for slow clients.",
                               static_cast<double>(edge.draining()));
        });
        api::add_console(router, backing);
        *description = api::describe_api(router);
        return router;
    }

    Settings settings;
    data::postgis::Pool pool;
    data::postgis::FeatureStore store;
    data::postgis::PastStore past;
    data::postgis::Pool edit_pool;
    data::postgis::EditStore edit_store;
    data::postgis::Announcer announcer;
    domain::Atlas atlas;
    domain::SortOrders orders;
    domain::Editing editing;
    api::Backing backing;
    http::Application application;
    http::PistacheEdge edge;
};

Server::Server(Settings const& settings) : m_state{std::make_unique<State>(settings)} {}

Server::~Server() = default;

void Server::start() {
    m_state->edge.start();
}

std::uint16_t Server::port() const {
    return m_state->edge.port();
}

domain::Atlas& Server::atlas() noexcept {
    return m_state->atlas;
}

http::Application& Server::application() noexcept {
    return m_state->application;
}

void Server::stop() {
    m_state->edge.stop();
}

} // namespace diaban::services
