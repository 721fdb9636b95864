#include "services/api/health.hpp"

#include "services/access/accounts.hpp"
#include "services/api/json.hpp"
#include "services/http/process_metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace diaban::services::api {

namespace {

/// Asked again each time, kept by nobody.
http::Response uncached(int status, Json const& body) {
    auto response = http::answer(status, "application/json", dump(body));
    response.with("Cache-Control", "no-store");
    return response;
}

http::Response answer_ready(Backing const& backing, bool leaving) {
    // Probes do not sign in: they are told of what is everyone's.
    auto const known = backing.accounts.directory.record() != nullptr;
    auto const everyone =
        known ? backing.accounts.directory.anonymous() : access::Visitor::nobody();
    auto const sees = [&](std::string const& id) {
        return everyone.rights->find(id, access::Action::read) != nullptr;
    };
    auto readiness = backing.atlas.readiness();
    readiness.ready &= known && !leaving;
    auto const picture = backing.atlas.picture();
    Json body{
        {"ready", readiness.ready},
        {"collections",
         std::ranges::count_if(picture->views, [&](auto const& view) { return sees(view->id()); })},
        {"missing", Json::array()}};
    for (auto const& id : readiness.missing)
        if (sees(id)) body["missing"].push_back(id);
    if (!known) body["missing"].push_back("access");
    if (!readiness.registry_read) body["missing"] = Json::array({"registry"});
    if (!readiness.fault.empty()) body["fault"] = readiness.fault;
    if (leaving) body["leaving"] = true;
    auto response = uncached(readiness.ready ? 200 : 503, body);
    if (!readiness.ready) response.with("Retry-After", "1");
    return response;
}

void write_mirrors(std::string& out, Backing const& backing) {
    auto const to = std::back_inserter(out);
    auto const picture = backing.atlas.picture();
    out += "# HELP diaban_mirror_rows Rows with a geometry held in memory.\n"
           "# TYPE diaban_mirror_rows gauge\n";
    for (auto const& view : picture->views)
        fmt::format_to(to, "diaban_mirror_rows{{collection=\"{}\"}} {}\n", view->id(),
                       view->layer->size());
    out += "# HELP diaban_mirror_bytes Memory of a mirror.\n# TYPE diaban_mirror_bytes gauge\n";
    for (auto const& view : picture->views)
        fmt::format_to(to, "diaban_mirror_bytes{{collection=\"{}\"}} {}\n", view->id(),
                       view->layer->bytes());
    out += "# HELP diaban_pyramid_bytes Memory of the tiles below a native zoom.\n"
           "# TYPE diaban_pyramid_bytes gauge\n";
    for (auto const& view : picture->views)
        if (view->pyramid)
            fmt::format_to(to, "diaban_pyramid_bytes{{collection=\"{}\"}} {}\n", view->id(),
                           view->pyramid->bytes());
    out += "# HELP diaban_mirror_load_seconds Time of the last load.\n"
           "# TYPE diaban_mirror_load_seconds gauge\n";
    for (auto const& view : picture->views)
        fmt::format_to(to, "diaban_mirror_load_seconds{{collection=\"{}\"}} {}\n", view->id(),
                       static_cast<double>(view->load_time.count()) / 1000);
}

http::Response answer_metrics(Backing const& backing, MoreMetrics const& more) {
    std::string out;
    http::begin_family(out, "diaban_build_info", "gauge", "Always 1; its label is the version.");
    out += "diaban_build_info{version=\"" DIABAN_VERSION "\"} 1\n";
    auto const cache = backing.atlas.cache_counters();
    auto const pool = backing.pool.counters();
    auto const following = backing.atlas.follower_counters();
    using http::write_metric;
    auto const value = [](auto number) { return static_cast<double>(number); };
    write_metric(out, "diaban_tile_cache_hits_total", "counter", "Tiles found in the cache.",
                 value(cache.hits));
    write_metric(out, "diaban_tile_cache_misses_total", "counter", "Tiles that had to be cut.",
                 value(cache.misses));
    write_metric(out, "diaban_tile_cache_evictions_total", "counter", "Tiles that made room.",
                 value(cache.evictions));
    write_metric(out, "diaban_tile_cache_erased_total", "counter",
                 "Tiles forgotten because what they show changed.", value(cache.erased));
    write_metric(out, "diaban_tile_cache_bytes", "gauge", "Bytes kept.", value(cache.bytes));
    write_metric(out, "diaban_filtered_bytes", "gauge",
                 "Bytes kept for tiles below native zooms under filters.",
                 value(backing.atlas.filtered_bytes()));
    write_metric(out, "diaban_sql_busy", "gauge", "Handlers in SQL now.", value(pool.busy));
    write_metric(out, "diaban_sql_leases_total", "counter", "Times a handler went into SQL.",
                 value(pool.leases));
    write_metric(out, "diaban_sql_refusals_total", "counter", "Handlers that waited in vain.",
                 value(pool.refusals));
    write_metric(out, "diaban_sql_losses_total", "counter", "Connections found broken.",
                 value(pool.losses));
    write_metric(out, "diaban_ready", "gauge", "Whether every mirror is loaded.",
                 backing.atlas.readiness().ready ? 1 : 0);
    write_metric(out, "diaban_feed_lag_seconds", "gauge",
                 "Commit to readable, of the last change followed.",
                 static_cast<double>(following.lag.count()) / 1000);
    write_metric(out, "diaban_feed_seq", "gauge",
                 "Place of the change feed up to which everything is readable.",
                 value(following.seq));
    write_metric(out, "diaban_feed_changes_total", "counter", "Changed rows brought to a mirror.",
                 value(following.changes));
    write_metric(out, "diaban_mirror_loads_total", "counter", "Collections copied whole.",
                 value(following.loads));
    write_metric(out, "diaban_mirror_mapped_total", "counter",
                 "Collections taken from a segment at the start.", value(following.mapped));
    write_metric(out, "diaban_mirror_compactions_total", "counter",
                 "Times the changes of a mirror were brought home.", value(following.compactions));
    http::write_process(out);
    write_mirrors(out, backing);
    if (more) more(out);
    auto response = http::answer(200, "text/plain; version=0.0.4; charset=utf-8", std::move(out));
    response.with("Cache-Control", "no-store");
    return response;
}

} // namespace

void add_health(http::Router& router, Backing const& backing, std::atomic<bool> const& leaving,
                MoreMetrics more) {
    router.get(access::Need::open, "/healthz", {}, [](http::Context const&) {
        return uncached(200, {{"status", "ok"}, {"version", DIABAN_VERSION}});
    });
    router.get(access::Need::open, "/readyz", {}, [&backing, &leaving](http::Context const&) {
        return answer_ready(backing, leaving);
    });
    router.get(access::Need::operate, "/metrics", {},
               [&backing, more = std::move(more)](http::Context const&) {
                   return answer_metrics(backing, more);
               });
}

} // namespace diaban::services::api
