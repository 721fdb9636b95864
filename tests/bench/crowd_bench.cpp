// Ten thousand who watch one place on one node: what each costs, and how soon all of them know of a
// change. Asks a running server; prints lines of the table of ./run bench and an object of JSON.

#include "tests/bench/crowd.hpp"
#include "tests/bench/table.hpp"
#include "tests/services/raw_client.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace diaban;
using Clock = std::chrono::steady_clock;
using bench::Change;

namespace {

struct Options {
    std::string database;
    std::uint16_t port = 8080;
    std::uint16_t live_port = 8081;
    unsigned clients = 10'000;
    unsigned changes = 20;
    unsigned burst = 100;
    std::string lines;
    std::string json;
};

double ms(Clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

double metric(Options const& options, std::string const& name) {
    auto const body = tests::get(options.port, "/metrics").body;
    auto const at = body.find("\n" + name + " ");
    if (at == std::string::npos) throw std::runtime_error{name + " is not told"};
    return std::stod(body.substr(at + name.size() + 2));
}

void raise_descriptor_limit(unsigned wanted) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted)
        throw std::runtime_error{fmt::format("{} descriptors are too few", limit.rlim_cur)};
}

void await(char const* what, std::size_t wanted, auto const& count) {
    auto const end = Clock::now() + std::chrono::minutes{2};
    while (count() < wanted) {
        if (Clock::now() > end)
            throw std::runtime_error{fmt::format("{}: {} of {}", what, count(), wanted)};
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
}

class Editor {
public:
    explicit Editor(Options const& options) : m_sql{options.database} {
        m_sql.prepare("edit", "UPDATE record.parcels SET parcel_number = $1 WHERE fid = $2 "
                              "RETURNING version");
        pqxx::nontransaction work{m_sql};
        for (auto const row :
             work.exec("SELECT fid FROM record.parcels WHERE geom IS NOT NULL LIMIT 1000"))
            m_fids.push_back(row[0].as<std::int64_t>());
    }
    std::pair<Change, Clock::time_point> edit() {
        auto const fid = m_fids[m_number % m_fids.size()];
        auto const row = pqxx::nontransaction{m_sql}.exec_prepared1("edit", ++m_number, fid);
        return {{fid, row[0].as<std::int64_t>()}, Clock::now()};
    }

private:
    pqxx::connection m_sql;
    std::vector<std::int64_t> m_fids;
    std::int64_t m_number = 0;
};

/// When the last of all clients knew each change, in ms after its commit; `bench::Crowd` is asked
/// until everyone knows everything.
class Spread {
public:
    Spread(bench::Crowd& crowd, unsigned clients) : m_crowd{crowd}, m_clients{clients} {}

    void expect(std::pair<Change, Clock::time_point> const& commit) { m_commits.insert(commit); }
    [[nodiscard]] std::vector<double> everyone() {
        await("told", m_commits.size() * m_clients, [&] {
            for (auto const& [change, when] : m_crowd.take()) {
                auto const it = m_commits.find(change);
                if (it == m_commits.end()) continue;
                ++m_told;
                m_last[change] = std::max(m_last[change], when);
            }
            return m_told;
        });
        std::vector<double> took;
        for (auto const& [change, when] : m_commits) took.push_back(ms(m_last[change] - when));
        return took;
    }

private:
    bench::Crowd& m_crowd;
    unsigned m_clients;
    std::map<Change, Clock::time_point> m_commits;
    std::map<Change, Clock::time_point> m_last;
    std::size_t m_told = 0;
};

void run(Options const& options) {
    raise_descriptor_limit(options.clients + 100);
    bench::Table table{options.lines};
    Editor editor{options};
    auto const before = metric(options, "process_resident_memory_bytes");
    bench::Crowd crowd{options.live_port};
    crowd.listen();
    auto const begin = Clock::now();
    for (unsigned i = 0; i < options.clients; ++i) crowd.add("collections=parcels&kinds=update");
    await("started", options.clients, [&] { return crowd.started(); });
    auto const joined = ms(Clock::now() - begin) / 1000;
    std::this_thread::sleep_for(std::chrono::milliseconds{1500}); // the held bytes are measured
    auto const each = (metric(options, "process_resident_memory_bytes") - before) / options.clients;
    auto const held = metric(options, "diaban_live_held_bytes") / options.clients;

    std::vector<double> single;
    for (unsigned i = 0; i < options.changes; ++i) {
        Spread spread{crowd, options.clients};
        spread.expect(editor.edit());
        single.push_back(spread.everyone().front());
    }
    Spread spread{crowd, options.clients};
    auto const burst_begin = Clock::now();
    for (unsigned i = 0; i < options.burst; ++i) spread.expect(editor.edit());
    static_cast<void>(spread.everyone());
    auto const burst = ms(Clock::now() - burst_begin) / 1000;
    auto const events = double(options.burst) * options.clients / burst;
    auto const at_most = metric(options, "process_resident_memory_bytes");

    auto const who = std::to_string(options.clients) + " live clients";
    table.line(who + " on one node, connected in", joined, 0, "", "", "s");
    table.line("memory of each", each / 1000, 0, "", "<= 20 kB", "kB");
    table.line("a change reaches all of them, p50", bench::quantile(single, 0.5), 0, "", "");
    table.line("the same, p99", bench::quantile(single, 0.99), 0, "", "<= 1000 ms");
    table.line(fmt::format("{} changes at once reach all in", options.burst), burst, 0, "", "",
               "s");
    table.line("that is, events", events, 0, "", "", "/s");
    auto const object = fmt::format(
        "{{\"what\": \"crowd\", \"clients\": {}, \"connected_s\": {:.2f}, \"memory_each_bytes\": "
        "{:.0f}, "
        "\"held_each_bytes\": {:.0f}, \"all_told_p50_ms\": {:.1f}, \"all_told_p99_ms\": {:.1f}, "
        "\"burst\": {}, \"burst_s\": {:.2f}, \"events_s\": {:.0f}, \"resident_bytes\": {:.0f}, "
        "\"drops\": {:.0f}, \"resyncs\": {:.0f}}}",
        options.clients, joined, each, held, bench::quantile(single, 0.5),
        bench::quantile(single, 0.99), options.burst, burst, events, at_most,
        metric(options, "diaban_live_drops_total"), metric(options, "diaban_live_resyncs_total"));
    std::cout << object << std::endl;
    if (!options.json.empty()) std::ofstream{options.json, std::ios::app} << object << std::endl;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Many who watch one place"};
    Options options;
    app.add_option("--database", options.database, "URI of a superuser")->required();
    app.add_option("--port", options.port, "HTTP port")->required();
    app.add_option("--live-port", options.live_port, "Port of the live channel")->required();
    app.add_option("--clients", options.clients, "How many watch")->capture_default_str();
    app.add_option("--changes", options.changes, "Changes, one after the other")
        ->capture_default_str();
    app.add_option("--burst", options.burst, "Changes at once")->capture_default_str();
    app.add_option("--lines", options.lines, "A file that the lines of the table are added to");
    app.add_option("--json", options.json, "A file that the figures are added to");
    CLI11_PARSE(app, argc, argv);
    run(options);
    return 0;
}
