// What costs a client nothing to send must not cost the server much, and what the server asks for
// in others' names must not reach where they cannot.

#include "geo/codec/nesting.hpp"
#include "geo/error.hpp"
#include "services/access/fetch.hpp"
#include "services/api/cap_reader.hpp"
#include "services/config.hpp"
#include "services/http/pistache_edge.hpp"
#include "tests/services/edit_client.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

namespace {

using namespace diaban;
using namespace std::chrono_literals;
using tests::World;

constexpr char as_form[] = "Content-Type: application/x-www-form-urlencoded\r\n";
constexpr char in_json[] = "Content-Type: application/json\r\n";

/// Type of the error that asking for a URL ends in; empty: none.
std::string asking(std::string const& url, std::string const& reach) {
    auto const networks = services::http::Networks::read(reach, "fetch_private");
    try {
        BOOST_TEST(services::access::fetch({.url = url, .reach = &networks}).status == 200);
        return {};
    } catch (geo::Error const& error) {
        return error.type();
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(abuse)

BOOST_AUTO_TEST_CASE(json_that_nests_without_end_is_refused_before_anything_is_built_of_it) {
    auto& world = World::shared();
    for (std::size_t const levels : {65u, 450'000u}) {
        auto const nested = std::string(levels, '[') + std::string(levels, ']');
        for (auto const& [target, body] :
             {std::pair<std::string, std::string>{"/batch", "{\"changes\": " + nested + "}"},
              {"/processes/hot-spots/execution", "{\"inputs\": {\"collection\": " + nested + "}}"},
              {"/collections/blocks/items", nested}}) {
            auto const geojson = target.starts_with("/collections");
            auto const answer =
                tests::request(world.port(), "POST", target,
                               geojson ? "Content-Type: application/geo+json\r\n" : in_json, body);
            BOOST_TEST(answer.status == 400, target);
            BOOST_TEST(answer.body.find("json-too-deep") != std::string::npos, target);
        }
    }
    BOOST_TEST(world.get("/healthz").status == 200);
}

BOOST_AUTO_TEST_CASE(a_form_of_line_ends_or_of_many_members_takes_no_time) {
    auto& world = World::shared();
    std::string ends = "description=";
    while (ends.size() < 900'000) ends += "%0D%0A";
    std::string many;
    for (int i = 0; many.size() < 900'000; ++i) many += "&m" + std::to_string(i) + "=1";
    for (auto const& form : {ends, many}) {
        auto const begin = std::chrono::steady_clock::now();
        auto const answer =
            tests::request(world.port(), "POST", "/open311/v2/requests.json", as_form, form);
        BOOST_TEST(answer.status == 400);
        BOOST_TEST((std::chrono::steady_clock::now() - begin < 2s));
    }
}

BOOST_AUTO_TEST_CASE(a_name_is_held_to_the_address_that_it_is_connected_to) {
    auto const port = std::to_string(World::shared().port());
    // The name is any name: what it says of itself beforehand is not asked.
    BOOST_TEST(asking("http://localhost:" + port + "/healthz", "") == "pull-refused");
    BOOST_TEST(asking("http://localhost:" + port + "/healthz", "10.0.0.0/8") == "pull-refused");
    BOOST_TEST(asking("http://localhost:" + port + "/healthz", "127.0.0.0/8, ::1") == "");
    // Named as the address that it is by who lets hosts be asked.
    BOOST_TEST(asking("http://127.0.0.1:" + port + "/healthz", "") == "");
}

BOOST_AUTO_TEST_CASE(addresses_that_are_not_of_the_open_internet_are_known) {
    using services::access::is_internal;
    using services::http::read_address;
    for (auto const* const inside :
         {"127.0.0.1", "0.0.0.0", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254",
          "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fd00::1", "fe80::1",
          "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1"})
        BOOST_TEST(is_internal(read_address(inside).value()), inside);
    for (auto const* const outside :
         {"8.8.8.8", "172.32.0.1", "192.0.2.1", "2001:db8::1", "2a00:1450::1", "::ffff:8.8.8.8"})
        BOOST_TEST(!is_internal(read_address(outside).value()), outside);
}

BOOST_AUTO_TEST_CASE(the_table_of_limits_says_what_holds) {
    services::Settings const settings;
    services::http::RequestLimits const limits;
    services::http::EdgeOptions const edge;
    std::ifstream file{std::string{DIABAN_SOURCES} + "/services/README.md"};
    std::string const text{std::istreambuf_iterator<char>{file}, {}};
    auto const row = [&](std::string const& begins) {
        auto const at = text.find("\n| " + begins);
        return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    };
    auto const says = [&](std::string const& begins, std::string const& value,
                          std::string const& setting, std::string const& status) {
        auto const line = row(begins);
        for (auto const& part : {value, setting, "| " + status})
            BOOST_TEST(line.find(part) != std::string::npos,
                       begins << ": " << part << ": " << line);
    };
    using std::to_string;
    says("target of a request", to_string(limits.target >> 10) + " KB", "", "414");
    says("fields of its head",
         to_string(limits.fields >> 10) + " KB, " + to_string(limits.field_count), "", "431");
    says("its body", to_string(limits.body >> 20) + " MB", "", "413");
    says("nesting of JSON", to_string(geo::codec::deepest_json) + " levels", "", "400");
    says("time until a request is whole", to_string(edge.whole_request.count()) + " s", "", "408");
    says("a connection that says nothing", to_string(edge.keep_alive.count()) + " s", "", "ended");
    says("requests a second of an address", to_string(settings.rate_anonymous), "`rate_anonymous`",
         "429");
    says("requests a second of an account that", to_string(settings.rate_signed_in),
         "`rate_signed_in`", "429");
    says("requests a second of an account by", to_string(settings.rate_service), "`rate_service`",
         "429");
    says("connections of an address", to_string(settings.client_connections),
         "`client_connections`", "429");
    says("subscribers of the live channel", to_string(settings.live_connections),
         "`live_connections`", "503");
    says("handlers in SQL at once", to_string(settings.sql_connections), "`sql_connections`",
         "503");
    says("CAP of others", to_string(services::api::most_cap_bytes >> 10) + " KB", "", "400");
}

BOOST_AUTO_TEST_SUITE_END()
