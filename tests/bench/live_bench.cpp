// How soon a commit is told to those who watch it, beside pg_notify alone; and what subscribers
// cost that watch something else. Asks a running server; prints lines of the table of ./run bench.

#include "tests/bench/crowd.hpp"
#include "tests/bench/paced.hpp"
#include "tests/bench/table.hpp"
#include "tests/services/raw_client.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace diaban;
using Clock = std::chrono::steady_clock;
using bench::Change;
using bench::Crowd;

namespace {

struct Options {
    std::string database;
    std::uint16_t port = 8080;
    std::uint16_t live_port = 8081;
    double rate = 200;
    double seconds = 10;
    unsigned writers = 16;
    unsigned busy = 500;
    unsigned idle = 10'000;
    unsigned turns = 3;
    std::string lines;
};

double ms(Clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

struct Ground {
    std::vector<std::int64_t> fids;
    double west = 0, south = 0, east = 0, north = 0;
};

Ground ground_of(std::string const& database) {
    pqxx::connection sql{database};
    pqxx::nontransaction work{sql};
    Ground ground;
    for (auto const row : work.exec("SELECT fid FROM record.parcels WHERE geom IS NOT NULL "
                                    "ORDER BY hashint8(fid) LIMIT 20000"))
        ground.fids.push_back(row[0].as<std::int64_t>());
    auto const box = work.exec1("SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM "
                                "(SELECT ST_Extent(geom) AS e FROM record.parcels) AS all_rows");
    ground.west = box[0].as<double>();
    ground.south = box[1].as<double>();
    ground.east = box[2].as<double>();
    ground.north = box[3].as<double>();
    return ground;
}

struct Delays {
    double median = 0;
    double p99 = 0;
    std::size_t told = 0;
    std::size_t untold = 0; ///< commits that came to nobody
};

/// Commits one-row edits; how long each took to come to each subscriber that watches it.
Delays edit(Options const& options, Ground const& ground, Crowd& crowd) {
    std::vector<std::unique_ptr<pqxx::connection>> writers;
    for (unsigned i = 0; i < options.writers; ++i) {
        writers.push_back(std::make_unique<pqxx::connection>(options.database));
        writers.back()->prepare("edit", "UPDATE record.parcels SET parcel_number = $1 "
                                        "WHERE fid = $2 RETURNING version");
    }
    std::mutex mutex;
    std::map<Change, Clock::time_point> committed;
    static_cast<void>(crowd.take());
    bench::paced(options.rate, options.seconds, options.writers,
                 [&](unsigned thread, std::uint64_t number) {
                     auto const fid = ground.fids[number % ground.fids.size()];
                     auto const row = pqxx::nontransaction{*writers[thread]}.exec_prepared1(
                         "edit", std::int64_t(number), fid);
                     auto const now = Clock::now();
                     std::lock_guard const lock{mutex};
                     committed[{fid, row[0].as<std::int64_t>()}] = now;
                 });
    std::this_thread::sleep_for(std::chrono::seconds{1}); // what is still on its way
    std::vector<double> took;
    std::map<Change, bool> seen;
    for (auto const& [change, when] : crowd.take()) {
        auto const it = committed.find(change);
        if (it == committed.end()) continue;
        took.push_back(std::max(0.0, ms(when - it->second)));
        seen[change] = true;
    }
    if (took.empty()) throw std::runtime_error{"nothing was told"};
    return {bench::quantile(took, 0.5), bench::quantile(took, 0.99), took.size(),
            committed.size() - seen.size()};
}

class Receiver : public pqxx::notification_receiver {
public:
    Receiver(pqxx::connection_base& sql, std::map<std::int64_t, Clock::time_point>& heard)
        : pqxx::notification_receiver{sql, "diaban_bench"}, m_heard{heard} {}
    void operator()(std::string const& payload, int) override {
        m_heard[std::stoll(payload)] = Clock::now();
    }

private:
    std::map<std::int64_t, Clock::time_point>& m_heard;
};

/// The same rate of commits that do nothing but notify one listener.
Delays notify(Options const& options) {
    std::vector<std::unique_ptr<pqxx::connection>> writers;
    for (unsigned i = 0; i < options.writers; ++i)
        writers.push_back(std::make_unique<pqxx::connection>(options.database));
    std::map<std::int64_t, Clock::time_point> heard;
    pqxx::connection ear{options.database};
    Receiver const receiver{ear, heard};
    std::atomic<bool> stop = false;
    std::jthread listener{[&] {
        while (!stop) ear.await_notification(0, 50'000);
    }};
    std::mutex mutex;
    std::map<std::int64_t, Clock::time_point> committed;
    bench::paced(options.rate, options.seconds, options.writers,
                 [&](unsigned thread, std::uint64_t number) {
                     pqxx::nontransaction{*writers[thread]}.exec_params(
                         "SELECT pg_notify('diaban_bench', $1)", std::to_string(number));
                     auto const now = Clock::now();
                     std::lock_guard const lock{mutex};
                     committed[std::int64_t(number)] = now;
                 });
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    stop = true;
    listener.join();
    std::vector<double> took;
    for (auto const& [number, when] : committed)
        if (heard.contains(number)) took.push_back(std::max(0.0, ms(heard[number] - when)));
    return {bench::quantile(took, 0.5), bench::quantile(took, 0.99), took.size(), 0};
}

double metric(Options const& options, std::string const& name) {
    auto const body = tests::get(options.port, "/metrics").body;
    auto const at = body.find("\n" + name + " ");
    return at == std::string::npos ? 0 : std::stod(body.substr(at + name.size() + 2));
}

void await_started(Crowd const& crowd, std::size_t wanted) {
    auto const end = Clock::now() + std::chrono::minutes{1};
    while (crowd.started() < wanted) {
        if (Clock::now() > end)
            throw std::runtime_error{fmt::format("{} of {} subscribers", crowd.started(), wanted)};
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
}

void join_parts(Options const& options, Ground const& ground, Crowd& busy) {
    for (unsigned i = 0; i < options.busy; ++i) {
        auto const [x, y] = std::pair{i % 5, i / 5 % 5};
        auto const wide = (ground.east - ground.west) / 5;
        auto const high = (ground.north - ground.south) / 5;
        busy.add(fmt::format("collections=parcels&kinds=update&bbox={},{},{},{}",
                             ground.west + x * wide, ground.south + y * high,
                             ground.west + (x + 1) * wide, ground.south + (y + 1) * high));
    }
    busy.listen();
    await_started(busy, options.busy);
}

void await_subscribers(Options const& options, unsigned most) {
    auto const end = Clock::now() + std::chrono::minutes{1};
    while (metric(options, "diaban_live_subscribers") > most) {
        if (Clock::now() > end) throw std::runtime_error{"those who left are still there"};
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
}

/// Edits beside a crowd that watches something else; gone afterwards.
Delays edit_beside_idle(Options const& options, Ground const& ground, Crowd& busy,
                        double& bytes_each) {
    auto const before = metric(options, "process_resident_memory_bytes");
    Delays delays;
    {
        Crowd idle{options.live_port};
        idle.listen();
        for (unsigned i = 0; i < options.idle; ++i)
            idle.add(
                fmt::format("collections=parcels&bbox={},{},{},{}", 0.001 * (i % 1000), 0, 1, 1));
        await_started(idle, options.idle);
        bytes_each =
            std::max(bytes_each, (metric(options, "process_resident_memory_bytes") - before) /
                                     double(options.idle));
        delays = edit(options, ground, busy);
    }
    await_subscribers(options, options.busy);
    return delays;
}

double middle(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

double middle(std::vector<Delays> const& turns, double Delays::*which) {
    std::vector<double> values;
    for (auto const& turn : turns) values.push_back(turn.*which);
    return middle(std::move(values));
}

/// Three turns each, one after the other, so that both see the same machine; the middle one counts.
void run(Options const& options) {
    auto const ground = ground_of(options.database);
    bench::Table table{options.lines};
    Crowd busy{options.live_port};
    join_parts(options, ground, busy);
    std::vector<Delays> told;
    std::vector<Delays> notified;
    std::vector<Delays> beside;
    double bytes_each = 0;
    for (unsigned turn = 0; turn < options.turns; ++turn) {
        notified.push_back(notify(options));
        told.push_back(edit(options, ground, busy));
        beside.push_back(edit_beside_idle(options, ground, busy, bytes_each));
        std::cout << fmt::format(
            "  turn {}: p99 {:.2f} ms, beside idle {:.2f} ms; {} and {} events "
            "told, {} commits told to nobody\n",
            turn + 1, told.back().p99, beside.back().p99, told.back().told, beside.back().told,
            told.back().untold + beside.back().untold);
    }
    auto const who = "pg_notify, 1 listener";
    table.line(fmt::format("commit to event, {} subscribers, p50", options.busy),
               middle(told, &Delays::median), middle(notified, &Delays::median), who, "<= 15 ms");
    table.line(fmt::format("commit to event, {} subscribers, p99", options.busy),
               middle(told, &Delays::p99), middle(notified, &Delays::p99), who, "<= 100 ms");
    table.line(fmt::format("the same beside {} idle, p50", options.idle),
               middle(beside, &Delays::median), middle(told, &Delays::median), "without them",
               ">= 0.90");
    table.line(fmt::format("the same beside {} idle, p99", options.idle),
               middle(beside, &Delays::p99), middle(told, &Delays::p99), "without them", ">= 0.90");
    table.line("memory of an idle subscriber", bytes_each / 1000, 0, "", "", "kB");
    std::cout << fmt::format("  {:.0f} resyncs\n", metric(options, "diaban_live_resyncs_total"));
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"How soon a commit is told to those who watch"};
    Options options;
    app.add_option("--database", options.database, "URI of a superuser")->required();
    app.add_option("--port", options.port, "HTTP port")->required();
    app.add_option("--live-port", options.live_port, "Port of the live channel")->required();
    app.add_option("--rate", options.rate, "Edits a second")->capture_default_str();
    app.add_option("--seconds", options.seconds, "For so long")->capture_default_str();
    app.add_option("--busy", options.busy, "Subscribers that watch")->capture_default_str();
    app.add_option("--idle", options.idle, "Subscribers elsewhere")->capture_default_str();
    app.add_option("--turns", options.turns, "How often each is measured")
        ->check(CLI::Range(1U, 99U))
        ->capture_default_str();
    app.add_option("--lines", options.lines, "A file that the lines of the table are added to");
    CLI11_PARSE(app, argc, argv);
    run(options);
    return 0;
}
