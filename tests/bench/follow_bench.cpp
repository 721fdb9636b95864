// How soon a commit is on the map, and how steady tiles are beside other work. Asks running servers
// over HTTP, as a map does; prints lines of the table of ./run bench.

#include "tests/bench/paced.hpp"
#include "tests/services/raw_client.hpp"
#include "tiles/grid.hpp"
#include "tiles/mvt.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

using namespace diaban;
using Clock = std::chrono::steady_clock;

namespace {

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double quantile(std::vector<double> values, double q) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[std::size_t(std::ceil(q * double(values.size()))) - 1];
}

/// A connection that stays open, as a browser's does.
class Client {
public:
    explicit Client(std::uint16_t port)
        : m_port{port}, m_wire{std::make_unique<tests::RawClient>(port)} {}

    [[nodiscard]] std::string get(std::string const& path) {
        for (int tries = 0; tries < 2; ++tries) {
            m_wire->send("GET " + path +
                         " HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n"
                         "Accept-Encoding: identity\r\n\r\n");
            if (auto answer = m_wire->read()) {
                if (answer->status != 200 && answer->status != 204)
                    throw std::runtime_error{path + ": " + std::to_string(answer->status)};
                return std::move(answer->body);
            }
            m_wire = std::make_unique<tests::RawClient>(m_port);
        }
        throw std::runtime_error{path + ": no answer"};
    }

private:
    std::uint16_t m_port;
    std::unique_ptr<tests::RawClient> m_wire;
};

/// A row and the path of a tile that shows it.
struct Spot {
    std::int64_t fid = 0;
    std::string path;
};

std::vector<Spot> some_spots(std::string const& database, std::string const& collection,
                             std::uint32_t zoom, std::size_t count) {
    pqxx::connection sql{database};
    pqxx::nontransaction work{sql};
    std::vector<Spot> spots;
    for (auto const row : work.exec(fmt::format(
             "SELECT fid, ST_X(at), ST_Y(at) FROM (SELECT fid, ST_PointOnSurface(geom) AS at FROM "
             "record.{} WHERE geom IS NOT NULL ORDER BY hashint8(fid) LIMIT {}) AS rows",
             work.quote_name(collection), count))) {
        auto const p = tiles::to_grid({row[1].as<double>(), row[2].as<double>()});
        spots.push_back(
            {row[0].as<std::int64_t>(),
             fmt::format("/tiles/{}/{}/{}/{}.mvt", collection, zoom,
                         std::uint32_t(p.x) >> (31 - zoom), std::uint32_t(p.y) >> (31 - zoom))});
    }
    return spots;
}

struct Options {
    std::string database;
    std::string collection = "parcels";
    std::vector<std::uint16_t> ports;
    std::uint32_t zoom = 16;
    double rate = 200;
    double seconds = 20;
    unsigned threads = 16;
    std::string lines;
    std::string what;
    std::string wanted;
    std::string set;
};

void print(Options const& options, std::string const& what, double ours) {
    auto const row = fmt::format("{}\t{:.1f}\t-\tms\t\t-\t{}", what, ours, options.wanted);
    std::cout << row << std::endl;
    if (!options.lines.empty()) std::ofstream{options.lines, std::ios::app} << row << std::endl;
}

/// Commits one-row edits and asks for the tile, at every node by turns, until it shows the edit.
void follow(Options const& options) {
    auto const spots = some_spots(options.database, options.collection, options.zoom, 20'000);
    std::vector<std::unique_ptr<pqxx::connection>> writers;
    std::vector<std::vector<Client>> readers(options.threads);
    for (unsigned thread = 0; thread < options.threads; ++thread) {
        writers.push_back(std::make_unique<pqxx::connection>(options.database));
        writers.back()->prepare("edit", "UPDATE record." + options.collection +
                                            " SET parcel_number = $1 WHERE fid = $2");
        for (auto const port : options.ports) readers[thread].emplace_back(port);
    }
    std::mutex mutex;
    std::vector<double> fresh;
    std::vector<double> commits;
    auto const start = Clock::now();
    // No edit of an earlier run has any of these numbers.
    auto const first_number = std::chrono::duration_cast<std::chrono::microseconds>(
                                  std::chrono::system_clock::now().time_since_epoch())
                                  .count();
    bench::paced(
        options.rate, options.seconds, options.threads, [&](unsigned thread, std::uint64_t number) {
            auto const& spot = spots[number % spots.size()];
            auto const value = first_number + std::int64_t(number);
            auto const mark = tiles::mvt::encode_value(value);
            auto const begin = Clock::now();
            pqxx::nontransaction{*writers[thread]}.exec_prepared("edit", value, spot.fid);
            auto const committed = Clock::now();
            std::vector<double> took(readers[thread].size(), -1);
            constexpr std::chrono::milliseconds between_looks{
                2}; // whoever looks must not slow it down
            for (std::size_t left = took.size(); left > 0;
                 left > 0 ? std::this_thread::sleep_for(between_looks) : void())
                for (std::size_t node = 0; node < took.size(); ++node) {
                    if (took[node] >= 0) continue;
                    auto const body = readers[thread][node].get(spot.path);
                    if (body.find(mark) == std::string::npos) continue;
                    took[node] = milliseconds_since(committed);
                    --left;
                }
            std::lock_guard const lock{mutex};
            fresh.insert(fresh.end(), took.begin(), took.end());
            commits.push_back(std::chrono::duration<double, std::milli>(committed - begin).count());
        });
    auto const achieved = double(commits.size()) / (milliseconds_since(start) / 1000);
    print(options, fmt::format("commit to fresh tile, {} node(s), p99", options.ports.size()),
          quantile(fresh, 0.99));
    std::cout << fmt::format(
        "  {} edits, {:.0f}/s of {:.0f}/s wanted; median {:.1f} ms, p90 "
        "{:.1f}, largest {:.1f}; the commit itself: median {:.1f}, p99 {:.1f}\n",
        commits.size(), achieved, options.rate, quantile(fresh, 0.5), quantile(fresh, 0.9),
        quantile(fresh, 1), quantile(commits, 0.5), quantile(commits, 0.99));
}

/// Changes one row at a time and asks for a tile below the native zoom until its bytes are others:
/// the change must be one that counts, lengths or areas there tell of.
void low(Options const& options) {
    auto const spots = some_spots(options.database, options.collection, options.zoom, 1'000);
    pqxx::connection writer{options.database};
    writer.prepare("edit", fmt::format("UPDATE record.{} SET {} WHERE fid = $1",
                                       writer.quote_name(options.collection), options.set));
    Client reader{options.ports.front()};
    std::vector<double> fresh;
    bench::paced(options.rate, options.seconds, 1, [&](unsigned, std::uint64_t number) {
        auto const& spot = spots[number % spots.size()];
        auto const before = reader.get(spot.path);
        pqxx::nontransaction{writer}.exec_prepared("edit", spot.fid);
        auto const committed = Clock::now();
        while (reader.get(spot.path) == before)
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
        fresh.push_back(milliseconds_since(committed));
    });
    print(options, fmt::format("commit to fresh low tile, {}, p99", options.collection),
          quantile(fresh, 0.99));
    std::cout << fmt::format("  {} edits at z{}; median {:.1f} ms\n", fresh.size(), options.zoom,
                             quantile(fresh, 0.5));
}

/// Asks for tiles at a steady rate; how long the slowest hundredth takes.
void latency(Options const& options) {
    auto const spots = some_spots(options.database, options.collection, options.zoom, 20'000);
    std::vector<Client> clients;
    for (unsigned thread = 0; thread < options.threads; ++thread)
        clients.emplace_back(options.ports.front());
    std::mutex mutex;
    std::vector<double> took;
    bench::paced(
        options.rate, options.seconds, options.threads, [&](unsigned thread, std::uint64_t number) {
            auto const begin = Clock::now();
            static_cast<void>(clients[thread].get(spots[number * 7919 % spots.size()].path));
            auto const time = milliseconds_since(begin);
            std::lock_guard const lock{mutex};
            took.push_back(time);
        });
    print(options, options.what + ", p99", quantile(took, 0.99));
    std::cout << fmt::format("  {} tiles; median {:.2f} ms, largest {:.1f}\n", took.size(),
                             quantile(took, 0.5), quantile(took, 1));
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"How soon a commit is on the map, and how steady tiles are"};
    Options options;
    app.require_subcommand(1);
    app.add_option("--database", options.database, "URI of a superuser")->required();
    app.add_option("--collection", options.collection, "A collection")->capture_default_str();
    app.add_option("--ports", options.ports, "Ports of the nodes")->required()->delimiter(',');
    app.add_option("--zoom", options.zoom, "Zoom of the tiles")->capture_default_str();
    app.add_option("--rate", options.rate, "Edits or tiles a second")->capture_default_str();
    app.add_option("--seconds", options.seconds, "For so long")->capture_default_str();
    app.add_option("--threads", options.threads, "Writers or readers")->capture_default_str();
    app.add_option("--lines", options.lines, "A file that the lines of the table are added to");
    app.add_option("--what", options.what, "What the line says");
    app.add_option("--wanted", options.wanted, "What is wanted");
    app.add_subcommand("follow", "Commit one-row edits of parcels, wait for them on the map")
        ->callback([&] { follow(options); });
    app.add_option("--set", options.set, "What low edits set: SQL of an UPDATE");
    app.add_subcommand("low", "Change rows, wait for tiles below the native zoom to differ")
        ->callback([&] { low(options); });
    app.add_subcommand("latency", "Ask for tiles at a steady rate")->callback([&] {
        latency(options);
    });
    CLI11_PARSE(app, argc, argv);
    return 0;
}
