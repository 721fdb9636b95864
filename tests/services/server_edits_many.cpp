// Edits by many at once, by clients that leave, and with the record away.

#include "tests/services/edit_client.hpp"
#include "tests/services/world.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

using nlohmann::json;
using namespace diaban;
using namespace std::chrono_literals;
using tests::as_geojson;
using tests::block;
using tests::if_match;
using tests::merge_patch;
using tests::RawAnswer;
using tests::World;

namespace {

std::string path_of(RawAnswer const& answer) {
    auto const location = answer.field("location");
    return location.substr(location.find("/collections"));
}

std::int64_t fid_of(std::string const& path) {
    return std::stoll(path.substr(path.rfind('/') + 1));
}

/// What one client believes of the rows that it alone made: fid to name and area.
using Believed = std::map<std::int64_t, std::pair<std::string, int>>;

/// A client of its own rows: makes, replaces, patches, removes, by single requests and by batches.
class Client {
public:
    Client(std::uint16_t port, std::string name, std::uint64_t seed)
        : m_port{port}, m_name{std::move(name)}, m_random{seed} {}

    void step() {
        if (m_rows.size() < 3 || m_random() % 4 == 0) return create();
        auto it = std::next(m_rows.begin(), std::ptrdiff_t(m_random() % m_rows.size()));
        auto const path = fmt::format("/collections/blocks/items/{}", it->first);
        auto const tag = tests::get(m_port, path).field("etag");
        auto const number = int(m_random() % 1000);
        switch (m_random() % 4) {
        case 0: {
            auto feature = block(m_name, 105.5, 18.5);
            feature["properties"]["area"] = number;
            check(tests::request(m_port, "PUT", path, as_geojson + if_match(tag), feature.dump()),
                  200);
            it->second = {m_name, number};
            break;
        }
        case 1:
            check(tests::request(m_port, "PATCH", path, merge_patch + if_match(tag),
                                 json{{"properties", {{"area", number}}}}.dump()),
                  200);
            it->second.second = number;
            break;
        case 2:
            check(tests::request(m_port, "DELETE", path, if_match(tag)), 204);
            m_rows.erase(it);
            break;
        default: batch(it, tag, number);
        }
    }

    [[nodiscard]] Believed const& rows() const noexcept { return m_rows; }
    [[nodiscard]] int faults() const noexcept { return m_faults; }

private:
    void check(RawAnswer const& answer, int wanted) { m_faults += answer.status == wanted ? 0 : 1; }

    void create() {
        auto const number = int(m_random() % 1000);
        auto feature = block(m_name, 105.5 + double(m_random() % 20) / 100, 18.5);
        feature["properties"]["area"] = number;
        auto const answer =
            tests::request(m_port, "POST", "/collections/blocks/items", as_geojson, feature.dump());
        check(answer, 201);
        m_rows[fid_of(path_of(answer))] = {m_name, number};
    }

    /// One good change with another that is good or not: both are made, or none.
    void batch(Believed::iterator it, std::string const& tag, int number) {
        bool const good = m_random() % 2 == 0;
        auto const feature = block(m_name, 105.6, 18.6);
        json const changes{{{"method", "PATCH"},
                            {"collection", "blocks"},
                            {"fid", it->first},
                            {"ifMatch", tag},
                            {"body", {{"properties", {{"area", number}}}}}},
                           {{"method", good ? "POST" : "DELETE"},
                            {"collection", "blocks"},
                            {"fid", 9'000'000'000},
                            {"ifMatch", "\"1-1\""},
                            {"body", feature}}};
        auto const answer =
            tests::request(m_port, "POST", "/batch", "Content-Type: application/json\r\n",
                           json{{"changes", changes}}.dump());
        check(answer, good ? 200 : 404);
        if (!good || answer.status != 200) return;
        it->second.second = number;
        auto const made = json::parse(answer.body)["results"][1]["fid"].get<std::int64_t>();
        m_rows[made] = {m_name, 1}; // area 1.5, cut below
    }

    std::uint16_t m_port;
    std::string m_name;
    std::mt19937_64 m_random;
    Believed m_rows;
    int m_faults = 0;
};

/// Tile coordinates of a position at a zoom.
std::pair<unsigned, unsigned> tile_at(double lon, double lat, unsigned zoom) {
    auto const n = double(1U << zoom);
    auto const y = std::asinh(std::tan(lat * M_PI / 180));
    return {unsigned((lon + 180) / 360 * n), unsigned((1 - y / M_PI) / 2 * n)};
}

/// Whether a tile shows the feature with that text in its `name`.
bool shows(std::string const& bytes, std::int64_t fid, std::string const& name) {
    for (auto const& layer : tests::read_tile(bytes))
        for (auto const& feature : layer.features) {
            auto const tag = feature.tags.find("name");
            if (std::int64_t(feature.id) == fid && tag != feature.tags.end() &&
                tag->second == tests::ReadValue{name})
                return true;
        }
    return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(server_edits_many)

BOOST_AUTO_TEST_CASE(random_edits_of_several_clients_end_in_the_table_each_of_them_expects) {
    World world;
    auto const seed = tests::seed();
    std::vector<Client> clients;
    for (unsigned i = 0; i < 4; ++i)
        clients.emplace_back(world.port(), fmt::format("khách {}", i), seed + i);
    {
        std::vector<std::jthread> crew;
        for (auto& client : clients)
            crew.emplace_back([&client] {
                for (int i = 0; i < 60; ++i) client.step();
            });
    }
    for (unsigned i = 0; i < 4; ++i) {
        BOOST_TEST(clients[i].faults() == 0);
        Believed found;
        for (auto const& row : world.database().sql(fmt::format(
                 "SELECT fid, name, trunc(area) FROM record.blocks WHERE name = 'khách {}'", i)))
            found[std::stoll(row[0])] = {row[1], std::stoi(row[2])};
        BOOST_TEST((found == clients[i].rows()), "client " << i);
    }
    // Every version is accounted for: who made it is known.
    BOOST_TEST(
        world.database().value(
            "SELECT count(*) FROM record.blocks b WHERE name LIKE 'khách %' AND NOT EXISTS "
            "(SELECT FROM diaban.authorship a WHERE a.collection = 'blocks' AND a.fid = b.fid AND "
            "a.version = b.version AND a.at = b.recorded_at AND a.who = 'local')") == "0");
}

BOOST_AUTO_TEST_CASE(no_update_is_lost_where_many_count_on_one_row) {
    World world;
    auto feature = block("đếm", 105.7, 18.1);
    feature["properties"]["area"] = 0;
    auto const path = path_of(tests::request(world.port(), "POST", "/collections/blocks/items",
                                             as_geojson, feature.dump()));
    constexpr int clients = 6;
    constexpr int rounds = 8;
    std::atomic<int> stale{0};
    std::atomic<int> odd{0};
    {
        std::vector<std::jthread> crew;
        for (int i = 0; i < clients; ++i)
            crew.emplace_back([&] {
                for (int done = 0; done < rounds;) {
                    auto const item = world.get(path);
                    auto const area = json::parse(item.body)["properties"]["area"].get<double>();
                    auto const answer = tests::request(
                        world.port(), "PATCH", path, merge_patch + if_match(item.field("etag")),
                        json{{"properties", {{"area", area + 1}}}}.dump());
                    if (answer.status == 200)
                        ++done;
                    else
                        ++(answer.status == 412 ? stale : odd);
                }
            });
    }
    BOOST_TEST(odd == 0);
    BOOST_TEST(stale > 0); // else they never met
    BOOST_TEST(json::parse(world.get(path).body)["properties"]["area"] == clients * rounds);
}

BOOST_AUTO_TEST_CASE(whoever_wrote_reads_it_in_items_and_tiles_at_once) {
    World world;
    std::mt19937_64 random{tests::seed()};
    auto const zoom = 14U;
    for (int i = 0; i < 40; ++i) {
        auto const west = 105 + double(random() % 70) / 100;
        auto const name = fmt::format("ngay {}", i);
        auto const [x, y] = tile_at(west + 0.005, 18.205, zoom);
        auto const tile = fmt::format("/tiles/blocks/{}/{}/{}.mvt", zoom, x, y);
        static_cast<void>(world.get(tile)); // now it is in the cache, without the block
        auto const answer = tests::request(world.port(), "POST", "/collections/blocks/items",
                                           as_geojson, block(name, west, 18.2).dump());
        BOOST_REQUIRE(answer.status == 201);
        BOOST_TEST(answer.field("diaban-mirror").empty());
        auto const path = path_of(answer);
        auto const fid = fid_of(path);
        BOOST_TEST(shows(world.get(tile).body, fid, name), tile);
        auto const box = fmt::format("/collections/blocks/items?limit=10000&bbox={},18.2,{},18.21",
                                     west + 0.004, west + 0.006);
        auto const listed = [&] {
            auto const page = world.json(box);
            return std::ranges::any_of(page["features"],
                                       [&](auto const& f) { return f["id"] == fid; });
        };
        BOOST_TEST(listed());
        BOOST_TEST(
            tests::request(world.port(), "DELETE", path, if_match(answer.field("etag"))).status ==
            204);
        BOOST_TEST(!shows(world.get(tile).body, fid, name));
        BOOST_TEST(!listed());
    }
}

BOOST_AUTO_TEST_CASE(one_key_sent_by_many_at_once_creates_once) {
    World world;
    auto const body = block("cùng lúc", 105.7, 18.2).dump();
    std::mutex mutex;
    std::vector<RawAnswer> answers;
    {
        std::vector<std::jthread> crew;
        for (int i = 0; i < 6; ++i)
            crew.emplace_back([&] {
                auto answer =
                    tests::request(world.port(), "POST", "/collections/blocks/items",
                                   std::string{as_geojson} + "Idempotency-Key: once\r\n", body);
                std::lock_guard const lock{mutex};
                answers.push_back(std::move(answer));
            });
    }
    for (auto const& answer : answers) {
        BOOST_TEST(answer.status == 201);
        BOOST_TEST(answer.field("location") == answers.front().field("location"));
        BOOST_TEST(answer.body == answers.front().body);
    }
    BOOST_TEST(world.database().value(
                   "SELECT count(*) FROM record.blocks WHERE name = 'cùng lúc'") == "1");
}

BOOST_AUTO_TEST_CASE(a_client_that_leaves_mid_request_loses_nothing_it_can_ask_again_for) {
    World world;
    auto const body = block("bỏ đi", 105.7, 18.3).dump();
    for (int i = 0; i < 20; ++i) {
        tests::RawClient client{world.port()};
        client.send(fmt::format("POST /collections/blocks/items HTTP/1.1\r\nHost: localhost\r\n{}"
                                "Idempotency-Key: left-{}\r\nContent-Length: {}\r\n\r\n{}",
                                as_geojson, i, body.size(),
                                i % 4 == 3 ? body.substr(0, 50) : body));
        client.reset();
    }
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(
            tests::request(world.port(), "POST", "/collections/blocks/items",
                           std::string{as_geojson} + fmt::format("Idempotency-Key: left-{}\r\n", i),
                           body)
                .status == 201);
    BOOST_TEST(world.database().value("SELECT count(*) FROM record.blocks WHERE name = 'bỏ đi'") ==
               "20");
}

BOOST_AUTO_TEST_CASE(with_the_record_away_edits_are_503_and_afterwards_whole) {
    World world;
    auto const name = world.database().value("SELECT current_database()");
    tests::Database other{tests::Database::Kind::empty};
    auto const cut = [&] {
        other.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                  name + "'");
    };
    auto const create = [&](std::string const& called) {
        return tests::request(world.port(), "POST", "/collections/blocks/items", as_geojson,
                              block(called, 105.7, 18.4).dump());
    };
    BOOST_TEST(create("trước").status == 201);
    other.sql("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
    cut();
    auto const away = create("vắng");
    BOOST_TEST(away.status == 503);
    BOOST_TEST(!away.field("retry-after").empty());
    BOOST_TEST(away.body.find("postgres") == std::string::npos);
    other.sql("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
    // A connection that was cut while it lay idle is no reason to refuse.
    auto const end = std::chrono::steady_clock::now() + 60s;
    while (create("lại").status != 201) BOOST_REQUIRE(std::chrono::steady_clock::now() < end);
    cut();
    BOOST_TEST(create("sau").status == 201);
    BOOST_TEST(world.database().value("SELECT count(*) FROM record.blocks WHERE name = 'vắng'") ==
               "0");
    BOOST_TEST(world.database().value(
                   "SELECT count(*) FROM record.blocks WHERE name IN ('trước', 'sau')") == "2");
}

BOOST_AUTO_TEST_SUITE_END()
