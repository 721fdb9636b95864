// Edits a record while its processes are killed, writes down what was acknowledged, and judges
// afterwards whether that is what is there; reads meanwhile; compares nodes. Used by the scripts of
// this folder and of tests/availability.

#include "tests/crash/load.hpp"
#include "tests/crash/readers.hpp"
#include "tests/crash/relay.hpp"
#include "tests/crash/subscribers.hpp"
#include "tests/services/edit_client.hpp"
#include "tests/support/seed.hpp"
#include "tiles/grid.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

using namespace diaban;
using Clock = std::chrono::steady_clock;

namespace {

/// Two rows that one transaction always gives the same number.
struct Pair {
    std::int64_t first = 0;
    std::int64_t second = 0;
};

std::vector<Pair> pairs_of(pqxx::connection& sql) {
    pqxx::nontransaction work{sql};
    std::vector<Pair> pairs;
    std::int64_t odd = 0;
    for (auto const row : work.exec("SELECT fid FROM record.parcels ORDER BY fid")) {
        auto const fid = row[0].as<std::int64_t>();
        if (odd != 0) pairs.push_back({odd, fid});
        odd = odd == 0 ? fid : 0;
    }
    return pairs;
}

/// What happened to edits: one line each, "acknowledged PAIR NUMBER WAY TIME" or "unknown …"; the
/// way is a port or `sql`, the time milliseconds of the epoch.
class Log {
public:
    explicit Log(std::string const& file) : m_file{file, std::ios::app} {}
    void write(char const* outcome, std::size_t pair, std::int64_t number, std::uint16_t port) {
        auto const now = std::chrono::duration_cast<std::chrono::milliseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
        auto const way = port == 0 ? std::string{"sql"} : std::to_string(port);
        std::lock_guard const lock{m_mutex};
        m_file << outcome << ' ' << pair << ' ' << number << ' ' << way << ' ' << now << '\n'
               << std::flush;
    }

private:
    std::mutex m_mutex;
    std::ofstream m_file;
};

void edit_once(pqxx::connection& sql, Pair const& pair, std::int64_t number) {
    pqxx::work work{sql};
    for (auto const fid : {pair.first, pair.second})
        work.exec_params("UPDATE record.parcels SET parcel_number = $1, "
                         "geom = public.st_translate(geom, $3, 0) WHERE fid = $2",
                         number, fid, number % 2 == 0 ? 1e-5 : -1e-5);
    work.commit();
}

/// The same numbers by one batch over HTTP. Throws unless it is acknowledged.
void edit_over_http(std::uint16_t port, Pair const& pair, std::int64_t number) {
    auto const change = [&](std::int64_t fid) {
        return fmt::format(R"({{"method": "PATCH", "collection": "parcels", "fid": {}, )"
                           R"("ifMatch": "*", "body": {{"properties": {{"parcel_number": {}}}}}}})",
                           fid, number);
    };
    auto const answer = tests::request(
        port, "POST", "/batch", "Content-Type: application/json\r\nPrefer: return=minimal\r\n",
        fmt::format(R"({{"changes": [{}, {}]}})", change(pair.first), change(pair.second)));
    if (answer.status != 200) throw std::runtime_error{answer.body};
}

/// Each thread has pairs of its own, so that what it was told last about a pair is what holds. With
/// ports every other thread edits over HTTP, at one of them. Ends before its time when the file
/// `end_file` is there.
void write(std::string const& database, std::string const& file, double rate, double seconds,
           unsigned threads, std::vector<std::uint16_t> const& ports, std::string const& end_file) {
    Log log{file};
    auto const start = Clock::now();
    auto const end =
        start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    std::atomic<std::int64_t> next{std::chrono::duration_cast<std::chrono::microseconds>(
                                       std::chrono::system_clock::now().time_since_epoch())
                                       .count()};
    std::vector<Pair> pairs;
    while (pairs.empty() && Clock::now() < end) {
        try {
            pqxx::connection sql{database};
            pairs = pairs_of(sql);
        } catch (pqxx::broken_connection const&) { // killed meanwhile, or not up yet
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
    }
    if (pairs.empty()) return;
    std::vector<std::jthread> crew;
    for (unsigned thread = 0; thread < threads; ++thread)
        crew.emplace_back([&, thread] {
            std::mt19937_64 random{std::uint64_t(next) + thread};
            std::unique_ptr<pqxx::connection> sql;
            bool const over_http = !ports.empty() && thread % 2 == 0;
            std::uint16_t const port = over_http ? ports[thread / 2 % ports.size()] : 0;
            auto turn = start;
            while (Clock::now() < end && !std::filesystem::exists(end_file)) {
                turn += std::chrono::duration_cast<Clock::duration>(
                    std::chrono::duration<double>(threads / rate));
                std::this_thread::sleep_until(turn);
                auto const pair = (random() % (pairs.size() / threads)) * threads + thread;
                std::int64_t number = 0;
                try {
                    if (!over_http && !sql) sql = std::make_unique<pqxx::connection>(database);
                    number = next++;
                    if (over_http)
                        edit_over_http(port, pairs[pair], number);
                    else
                        edit_once(*sql, pairs[pair], number);
                    log.write("acknowledged", pair, number, port);
                } catch (std::exception const&) { // killed in the middle, or not up yet
                    if (number != 0) log.write("unknown", pair, number, port);
                    sql.reset();
                }
            }
        });
}

/// Every acknowledged edit is there, or a later one of its pair; both rows of each pair agree.
int judge(std::string const& database, std::string const& file) {
    struct Told {
        std::int64_t last = 0;
        std::set<std::int64_t> perhaps; // since then
    };
    std::map<std::size_t, Told> told;
    std::ifstream in{file};
    std::string outcome;
    std::string when_and_where;
    std::size_t pair = 0;
    std::int64_t number = 0;
    std::size_t acknowledged = 0;
    while (in >> outcome >> pair >> number && std::getline(in, when_and_where)) {
        auto& of = told[pair];
        if (outcome == "acknowledged") {
            of.last = number;
            of.perhaps.clear();
            ++acknowledged;
        } else {
            of.perhaps.insert(number);
        }
    }
    pqxx::connection sql{database};
    auto const pairs = pairs_of(sql);
    std::map<std::int64_t, std::int64_t> numbers;
    {
        pqxx::nontransaction work{sql};
        for (auto const row :
             work.exec("SELECT fid, coalesce(parcel_number, 0) FROM record.parcels"))
            numbers[row[0].as<std::int64_t>()] = row[1].as<std::int64_t>();
    }
    std::size_t missing = 0;
    std::size_t half = 0;
    for (auto const& [at, of] : told) {
        auto const found = numbers[pairs[at].first];
        if (found != numbers[pairs[at].second]) ++half;
        if (of.last != 0 && found != of.last && !of.perhaps.contains(found)) ++missing;
    }
    std::cout << fmt::format("{} acknowledged, {} missing, {} half done", acknowledged, missing,
                             half)
              << std::endl;
    return missing + half == 0 ? 0 : 1;
}

std::string body_of(std::uint16_t port, std::string const& path) {
    auto const answer = tests::get(port, path);
    if (answer.status != 200 && answer.status != 204)
        throw std::runtime_error{path + ": " + std::to_string(answer.status)};
    return answer.body;
}

/// Two nodes show the same tiles, at random vertices of the parcels and over all of them.
int compare(std::string const& database, std::uint16_t one, std::uint16_t other) {
    std::vector<std::string> paths;
    {
        pqxx::connection sql{database};
        pqxx::nontransaction work{sql};
        std::mt19937_64 random{tests::seed()};
        for (auto const row :
             work.exec("SELECT ST_X(at), ST_Y(at) FROM (SELECT ST_PointOnSurface(geom) AS at FROM "
                       "record.parcels ORDER BY random() LIMIT 100) AS some_rows")) {
            auto const p = tiles::to_grid({row[0].as<double>(), row[1].as<double>()});
            auto const zoom = 12 + std::uint32_t(random() % 6);
            paths.push_back(fmt::format("/tiles/parcels/{}/{}/{}.mvt", zoom,
                                        std::uint32_t(p.x) >> (31 - zoom),
                                        std::uint32_t(p.y) >> (31 - zoom)));
        }
    }
    std::size_t apart = 0;
    for (auto const& path : paths)
        if (body_of(one, path) != body_of(other, path)) ++apart;
    std::cout << fmt::format("{} tiles compared, {} differ", paths.size(), apart) << std::endl;
    return apart == 0 ? 0 : 1;
}

/// The features of a page of items, without the page's links and its hour.
std::string features_of(std::uint16_t port, std::string const& path) {
    return nlohmann::json::parse(body_of(port, path)).at("features").dump();
}

/// What a node shows of an instant of the past is what another shows whose database was restored to
/// it: tiles from the native zoom up and items, of the time then and of any other.
int past(std::string const& restored, std::string const& instant, int cases, std::uint16_t live,
         std::uint16_t other) {
    std::mt19937_64 random{tests::seed()};
    pqxx::connection sql{restored};
    pqxx::nontransaction work{sql};
    auto const native =
        work.exec1("SELECT native_zoom FROM diaban.collection WHERE id = 'parcels'")[0]
            .as<std::uint32_t>();
    std::size_t apart = 0;
    std::size_t features = 0;
    for (int i = 0; i < cases; ++i) {
        auto const at =
            work.exec1("SELECT ST_X(at), ST_Y(at) FROM (SELECT ST_PointOnSurface(geom) AS at FROM "
                       "record.parcels ORDER BY random() LIMIT 1) AS some_row");
        auto const x = at[0].as<double>();
        auto const y = at[1].as<double>();
        auto const p = tiles::to_grid({x, y});
        auto const zoom = native + std::uint32_t(random() % (20 - native));
        std::string const valid =
            i % 3 == 0 ? ""
                       : fmt::format("datetime=20{}-{:02}-{:02}T00:00:00Z&", 24 + random() % 3,
                                     1 + random() % 12, 1 + random() % 28);
        auto const tile =
            fmt::format("/tiles/parcels/{}/{}/{}.mvt?{}", zoom, std::uint32_t(p.x) >> (31 - zoom),
                        std::uint32_t(p.y) >> (31 - zoom), valid);
        auto const items = fmt::format("/collections/parcels/items?limit=1000&bbox={},{},{},{}&{}",
                                       x - 0.01, y - 0.01, x + 0.01, y + 0.01, valid);
        auto const as_of = "as-of=" + instant;
        auto const shown = features_of(other, items.substr(0, items.size() - 1));
        features += nlohmann::json::parse(shown).size();
        bool const same =
            body_of(live, tile + as_of) == body_of(other, tile.substr(0, tile.size() - 1)) &&
            features_of(live, items + as_of) == shown;
        if (same) continue;
        ++apart;
        std::cout << tile << as_of << " or " << items << as_of << " differs\n";
    }
    std::cout << fmt::format("{} cases compared with {} items, {} differ", cases, features, apart)
              << std::endl;
    return apart == 0 && features > 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Edits while things are killed, and judges afterwards"};
    std::string database;
    std::string log;
    double rate = 200;
    double seconds = 1;
    unsigned threads = 8;
    std::string end_file;
    std::int64_t seq = 0;
    std::vector<std::uint16_t> ports;
    int code = 0;
    app.require_subcommand(1);
    app.add_option("--database", database, "URI of a superuser")->required();
    auto* const writing = app.add_subcommand("write", "Edit pairs of parcels");
    writing->add_option("--log", log, "Where outcomes are added")->required();
    writing->add_option("--rate", rate, "Edits a second")->capture_default_str();
    writing->add_option("--seconds", seconds, "For so long")->capture_default_str();
    std::vector<std::uint16_t> http;
    writing->add_option("--http", http, "Ports of nodes that take every other edit");
    writing->add_option("--end", end_file, "Ends when this file is there");
    writing->callback([&] { write(database, log, rate, seconds, threads, http, end_file); });
    auto* const judging = app.add_subcommand("judge", "Hold the record against the log");
    judging->add_option("--log", log, "What `write` wrote")->required();
    judging->callback([&] { code = judge(database, log); });
    auto* const comparing = app.add_subcommand("compare", "Hold two nodes against each other");
    comparing->add_option("ports", ports, "Their ports")->required()->expected(2);
    comparing->callback([&] { code = compare(database, ports[0], ports[1]); });
    std::string instant;
    int cases = 20;
    auto* const looking = app.add_subcommand("past", "Hold the past against a restored database");
    looking->add_option("ports", ports, "Of the live node, of the restored one")
        ->required()
        ->expected(2);
    looking->add_option("--instant", instant, "That it was restored to")->required();
    looking->add_option("--cases", cases, "How many")->capture_default_str();
    looking->callback([&] { code = past(database, instant, cases, ports[0], ports[1]); });
    auto* const reading = app.add_subcommand("read", "Read what the mirrors answer");
    reading->add_option("ports", ports, "Of the nodes")->required();
    reading->add_option("--rate", rate, "Reads a second")->capture_default_str();
    reading->add_option("--end", end_file, "Ends when this file is there")->required();
    reading->callback([&] { code = crash::read(database, ports, rate, end_file); });
    auto* const listening = app.add_subcommand("listen", "Follow the live channel");
    listening->add_option("--logs", log, "Folder of what each subscriber is told")->required();
    listening->add_option("--end", end_file, "Ends when this file is there")->required();
    listening->add_option("ports", ports, "Its port")->required()->expected(1);
    listening->callback([&] { crash::listen(database, ports[0], log, end_file); });
    auto* const hearing = app.add_subcommand("heard", "Hold what was told against the feed");
    hearing->add_option("--logs", log, "What `listen` wrote")->required();
    hearing->add_option("--after", seq, "Place of the feed where listening began")->required();
    hearing->callback([&] { code = crash::heard(database, log, seq); });
    crash::Load load;
    auto* const loading = app.add_subcommand("load", "Read and edit at a steady pace");
    loading->add_option("ports", ports, "Its port")->required()->expected(1);
    loading->add_option("--turns", load.turns, "Where a line a turn is added")->required();
    loading->add_option("--log", log, "Where acknowledged edits are added")->required();
    loading->add_option("--reads", load.reads, "A second")->capture_default_str();
    loading->add_option("--edits", load.edits, "A second")->capture_default_str();
    loading->add_option("--seconds", load.seconds, "For so long")->capture_default_str();
    loading->callback([&] {
        load.database = database;
        load.port = ports[0];
        load.acknowledged = log;
        crash::put_load(load);
    });
    auto* const weighing = app.add_subcommand("weigh", "Hold the record against a load's edits");
    weighing->add_option("--log", log, "What `load` wrote")->required();
    weighing->callback([&] { code = crash::judge_load(database, log); });
    std::int64_t end = 0;
    auto* const telling = app.add_subcommand("tell", "What became of a load's turns");
    telling->add_option("--turns", load.turns, "What `load` wrote")->required();
    telling->add_option("--end", end, "Of the fault, ms since 1970")->required();
    telling->callback([&] { crash::tell_load(load.turns, end); });
    crash::Relay relay;
    auto* const relaying = app.add_subcommand("relay", "Pass a socket on, slowly");
    relaying->add_option("--from", relay.from, "Unix socket that is made")->required();
    relaying->add_option("--to", relay.to, "Unix socket that is there")->required();
    relaying->add_option("--delay", relay.delay_file, "File that says how many ms bytes wait")
        ->required();
    relaying->callback([&] { crash::pass_on(relay); });
    CLI11_PARSE(app, argc, argv);
    return code;
}
