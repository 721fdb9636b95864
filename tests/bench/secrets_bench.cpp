// Whether the time of an answer tells of a row that the asker may not know. Plants rows beyond the
// public's level in a collection of a running server, asks about each and about as many that are
// not there, in random turn, and says how often the hidden one's answer took longer: a half is what
// chance gives (the area under the ROC curve, which is Mann and Whitney's U over all pairs).

#include "tests/bench/table.hpp"
#include "tests/services/raw_client.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <chrono>
#include <cstdint>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace diaban;

namespace {

constexpr int spots = 1000;              // hidden, and as many empty, in the squares of a board
constexpr int board = 50;                // squares a side
constexpr double square = 360.0 / 65536; // a tile of zoom 16
constexpr double west = square * 51800 - 180; // 104.55, west of all other parcels

/// A place, and what stands or does not stand there.
struct Spot {
    double lon;
    double lat;
    std::int64_t fid;
    int number;
    std::string identifier;
};

std::string identifier(bool hidden, int number) {
    static constexpr std::string_view letters = "0123456789bcdefghjkmnpqrstuvwxyz";
    std::string text{hidden ? "w7zzzz" : "w7yyyy"};
    for (int i = 0; i < 6; ++i, number /= 32) text += letters[std::size_t(number % 32)];
    return text;
}

double latitude_of(int row) {
    double const y = (0.445 * 65536 + row + 0.5) / 65536; // 19.4 degrees north and southward
    return std::atan(std::sinh(M_PI * (1 - 2 * y))) * 180 / M_PI;
}

/// The black squares of the board, or the white ones.
std::vector<Spot> squares(bool hidden) {
    std::vector<Spot> all;
    for (int i = 0; i < board * board && int(all.size()) < spots; ++i) {
        int const row = i / board;
        int const column = i % board;
        if (((row + column) % 2 == 0) != hidden) continue;
        int const number = (hidden ? 9'000'000 : 8'000'000) + int(all.size());
        all.push_back({west + (column + 0.5) * square, latitude_of(row), 0, number,
                       identifier(hidden, int(all.size()))});
    }
    return all;
}

void plant(std::string const& database, std::vector<Spot>& hidden, std::vector<Spot>& absent) {
    pqxx::connection connection{database};
    pqxx::work sql{connection};
    for (auto& spot : hidden)
        spot.fid = sql.exec_params1("INSERT INTO record.parcels (geom, sheet, parcel_number, "
                                    "land_use, geohash, sensitivity) VALUES (ST_Expand(ST_SetSRID("
                                    "ST_Point($1, $2), 4326), 0.0003), 1, $3, 'ONT', $4, 5) "
                                    "RETURNING fid",
                                    spot.lon, spot.lat, spot.number, spot.identifier)[0]
                       .as<std::int64_t>();
    // Numbers that the sequence gave and no row has.
    for (auto& spot : absent)
        spot.fid = sql.exec1("SELECT nextval('diaban.parcels_fid')")[0].as<std::int64_t>();
    sql.exec("INSERT INTO record.parcels (geom, sheet, parcel_number, land_use) VALUES "
             "(ST_MakeEnvelope(103, 19, 103.001, 19.001, 4326), 1, 7000000, 'ONT')");
    sql.commit();
}

class Asker {
public:
    explicit Asker(std::uint16_t port) : m_wire{port} {}

    tests::RawAnswer ask(std::string const& target) {
        m_wire.send("GET " + target +
                    " HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
        auto answer = m_wire.read(std::chrono::seconds{30});
        if (!answer) throw std::runtime_error{target + ": no answer"};
        return *answer;
    }
    double time(std::string const& target) {
        return bench::measured([] { return 0.0; }, [&] { ask(target); }).wall;
    }
    /// Until the last row that was planted, which all see, is on the map.
    void await_planted() {
        for (int tries = 0; tries < 600; ++tries) {
            auto const body = ask("/collections/parcels/items?bbox=103,19,103.001,19.001").body;
            if (body.find("7000000") != body.npos) return;
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
        throw std::runtime_error{"the planted rows do not come"};
    }

private:
    tests::RawClient m_wire;
};

std::string box_around(Spot const& spot, double side) {
    return fmt::format("{},{},{},{}", spot.lon - side, spot.lat - side, spot.lon + side,
                       spot.lat + side);
}

std::string tile_of(Spot const& spot, int zoom) {
    double const n = std::exp2(zoom);
    double const phi = spot.lat * M_PI / 180;
    return fmt::format("/tiles/parcels/{}/{}/{}.mvt", zoom, int((spot.lon + 180) / 360 * n),
                       int((1 - std::asinh(std::tan(phi)) / M_PI) / 2 * n));
}

struct Question {
    std::string what;
    std::function<std::string(Spot const&)> target;
};

std::vector<Question> questions() {
    static constexpr char items[] = "/collections/parcels/items";
    return {
        {"item", [](Spot const& at) { return fmt::format("{}/{}", items, at.fid); }},
        {"history", [](Spot const& at) { return fmt::format("{}/{}/history", items, at.fid); }},
        {"items in a box",
         [](Spot const& at) { return fmt::format("{}?bbox={}", items, box_around(at, 0.001)); }},
        {"items under a filter",
         [](Spot const& at) {
             return fmt::format("{}?filter=parcel_number%20%3D%20{}", items, at.number);
         }},
        {"count in a box",
         [](Spot const& at) {
             return fmt::format("/collections/parcels/count?bbox={}", box_around(at, 0.001));
         }},
        {"what is here",
         [](Spot const& at) { return fmt::format("/at?lon={}&lat={}", at.lon, at.lat); }},
        {"nearest",
         [](Spot const& at) {
             return fmt::format("/collections/parcels/nearest?lon={}&lat={}&within=300", at.lon,
                                at.lat);
         }},
        {"tile", [](Spot const& at) { return tile_of(at, 16); }},
        {"parcel of the register",
         [](Spot const& at) { return fmt::format("/land/parcels?identifier={}", at.identifier); }},
        {"parcel by number",
         [](Spot const& at) { return fmt::format("/land/parcels?sheet=1&number={}", at.number); }},
    };
}

/// How often a value of `a` is above one of `b`; ties count half.
double above(std::vector<double> const& a, std::vector<double> b) {
    std::sort(b.begin(), b.end());
    double sum = 0;
    for (double const value : a) {
        auto const [first, last] = std::equal_range(b.begin(), b.end(), value);
        sum += double(first - b.begin()) + double(last - first) / 2;
    }
    return sum / double(a.size()) / double(b.size());
}

/// Times of one question about both kinds, in random turn. What the first answers leave in caches
/// is left by both.
void measure(Asker& asker, Question const& question, std::vector<Spot> const& hidden,
             std::vector<Spot> const& absent, std::mt19937_64& random, bench::Table& table) {
    constexpr int rounds = 5;
    std::vector<double> of_hidden;
    std::vector<double> of_absent;
    std::vector<std::size_t> order(hidden.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    auto const check = [&](Spot const& spot) { return asker.ask(question.target(spot)); };
    if (check(hidden.front()).status != check(absent.front()).status)
        throw std::runtime_error{question.what + ": the answers differ"};
    for (int round = 0; round < rounds; ++round) {
        std::shuffle(order.begin(), order.end(), random);
        for (auto const i : order) {
            bool const first = random() % 2 == 0;
            if (first) of_hidden.push_back(asker.time(question.target(hidden[i])));
            of_absent.push_back(asker.time(question.target(absent[i])));
            if (!first) of_hidden.push_back(asker.time(question.target(hidden[i])));
        }
    }
    table.line("secret told by time: " + question.what, above(of_hidden, of_absent), 0.5,
               fmt::format("chance; {:.3f} and {:.3f} ms", bench::quantile(of_hidden, 0.5),
                           bench::quantile(of_absent, 0.5)),
               "0.48 to 0.52", "share");
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Times of answers about hidden rows"};
    std::uint16_t port = 8080;
    std::uint64_t seed = std::random_device{}();
    std::string database;
    std::string lines;
    app.add_option("--port", port, "of the server");
    app.add_option("--database", database, "its database, of which parcels are changed")
        ->required();
    app.add_option("--seed", seed, "of the order of questions");
    app.add_option("--lines", lines, "file of the table");
    CLI11_PARSE(app, argc, argv);
    std::cout << "seed " << seed << std::endl;
    std::mt19937_64 random{seed};
    auto hidden = squares(true);
    auto absent = squares(false);
    plant(database, hidden, absent);
    Asker asker{port};
    asker.await_planted();
    bench::Table table{lines};
    for (auto const& question : questions())
        measure(asker, question, hidden, absent, random, table);
    return 0;
}
