// Pictures of maps as far as the server itself goes: what may be asked, as whom it is drawn, and
// that who waits too long is told so. What they show is looked at in tests/browser.

#include "services/access/passes.hpp"
#include "services/api/map_images.hpp"
#include "services/http/message.hpp"
#include "services/print/map_images.hpp"
#include "tests/services/world.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <thread>

using namespace diaban;
using namespace diaban::services;
using nlohmann::json;
using tests::World;

namespace {

constexpr char box[] = "bbox=105,18,106,19";

http::Request asking(http::Method method, std::string const& cookie) {
    http::Request request;
    request.method = method;
    request.path = "/collections";
    request.headers.push_back({"Cookie", cookie});
    return request;
}

access::Visitor clerk() {
    access::Role const role{"clerk",
                            {{"blocks", access::Action::read, {false, {"18739"}, 2, {"owner"}}},
                             {"blocks", access::Action::edit, {true, {}, 2, {}}},
                             {"blocks", access::Action::personal, {true, {}, 2, {}}}},
                            {true, true, true}};
    access::Role const* const roles[] = {&role};
    return {std::make_shared<access::Rights const>(roles, access::Role{"public", {}, {}}),
            std::make_shared<access::Standing>(),
            access::Visitor::Way::session,
            "an",
            "s",
            "c"};
}

bool is_refused(access::Passes const& passes, http::Request const& request) {
    try {
        static_cast<void>(passes.admit(request));
        return false;
    } catch (geo::Error const& error) {
        return error.type() == "sign-in-needed";
    }
}

/// A program in place of the browser, which says nothing until it is ended.
struct Mute {
    Mute() {
        std::ofstream{path} << "#!/bin/sh\nexec sleep 60\n";
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }
    ~Mute() { std::filesystem::remove(path); }
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("diaban-mute-" + std::to_string(::getpid()));
};

} // namespace

BOOST_AUTO_TEST_SUITE(map_images)

BOOST_AUTO_TEST_CASE(what_cannot_be_drawn_is_refused_with_what_is_accepted) {
    auto& world = World::shared();
    struct Wrong {
        char const* query;
        char const* parameter;
    };
    for (auto const& [query, parameter] :
         {Wrong{"", "bbox"}, Wrong{"bbox=1,2,3", "bbox"}, Wrong{"bbox=a,b,c,d", "bbox"},
          Wrong{"bbox=105,18,105,19", "bbox"}, Wrong{"bbox=105,-89,106,19", "bbox"},
          Wrong{"bbox=170,18,-170,19", "bbox"}, Wrong{"bbox=-180,-85,180,85&size=64x64", "bbox"},
          Wrong{"bbox=105,18,106,19&size=800", "size"},
          Wrong{"bbox=105,18,106,19&size=63x600", "size"},
          Wrong{"bbox=105,18,106,19&size=800x2049", "size"},
          Wrong{"bbox=105,18,106,19&size=8e2x600", "size"},
          Wrong{"bbox=105,18,106,19&format=gif", "format"},
          Wrong{"bbox=105,18,106,19&datetime=2025-01-01/2025-02-01", "datetime"},
          Wrong{"bbox=105,18,106,19&datetime=yesterday", "datetime"},
          Wrong{"bbox=105,18,106,19&as-of=yesterday", "as-of"},
          Wrong{"bbox=105,18,106,19&exercise=perhaps", "exercise"},
          Wrong{"bbox=105,18,106,19&widht=5", "widht"}}) {
        auto const answer = world.get(std::string{"/maps/static?"} + query);
        BOOST_TEST(answer.status == 400, query);
        auto const problem = json::parse(answer.body);
        BOOST_TEST(problem["parameter"] == parameter, query);
        BOOST_TEST(!problem["accepted"].get<std::string>().empty(), query);
    }
    auto const unknown = world.get(std::string{"/maps/static?style=..%2Fsecret&"} + box);
    BOOST_TEST(unknown.status == 404);
    BOOST_TEST(json::parse(unknown.body)["type"] == "urn:diaban:problem:no-style");
    BOOST_TEST(world.get(std::string{"/maps/static?layers=blocks,nothing&"} + box).status == 404);
    auto const without = world.get(std::string{"/maps/static?"} + box);
    BOOST_TEST(without.status == 503); // this server has no browser
    BOOST_TEST(json::parse(without.body)["type"] == "urn:diaban:problem:no-browser");
    BOOST_TEST(without.field("retry-after") == "60");
}

BOOST_AUTO_TEST_CASE(a_view_shows_its_box_whole_and_no_smaller_than_it_must) {
    auto const view = api::view_of({105, 18, 106, 19}, 512, 2048);
    // A degree of longitude takes 512 px where the world takes 360 × 512: by MapLibre, zoom
    // log2(360).
    BOOST_TEST(view.zoom == std::log2(360.0), boost::test_tools::tolerance(1e-12));
    BOOST_TEST(view.lon == 105.5);
    // The middle of the box in the plane of Web Mercator: y = ln tan(π/4 + φ/2).
    constexpr double pi = std::numbers::pi;
    auto const y = [](double lat) { return std::log(std::tan(pi / 4 + lat * pi / 360)); };
    double const middle = 2 * std::atan(std::exp((y(18) + y(19)) / 2)) - pi / 2;
    BOOST_TEST(view.lat == middle * 180 / pi, boost::test_tools::tolerance(1e-9));
    auto const low = api::view_of({105, 18, 106, 19}, 2048, 128);
    double const height = (y(19) - y(18)) / (2 * pi) * 512 * std::exp2(low.zoom);
    BOOST_TEST(height == 128, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_pass_reads_what_its_visitor_reads_and_does_nothing_else) {
    access::OpenGate const behind{access::Role{"public", {}, {}}};
    access::Passes passes{behind};
    auto const visitor = clerk();
    std::string cookie;
    {
        access::Passes::Pass const pass{passes, visitor};
        cookie = std::string{access::Passes::cookie} + "=" + pass.secret();
        auto const sent = passes.admit(asking(http::Method::get, cookie));
        auto const* const read = sent.rights->find("blocks", access::Action::read);
        BOOST_REQUIRE(read);
        BOOST_TEST(read->sees("18739", 2));
        BOOST_TEST(!read->sees("18073", 0));
        BOOST_TEST(!read->sees("18739", 3));
        BOOST_TEST(!read->sees_field("owner"));
        BOOST_TEST(!sent.rights->find("blocks", access::Action::edit));
        BOOST_TEST(!sent.rights->find("blocks", access::Action::personal));
        BOOST_TEST(!sent.rights->may(access::Duty::audit));
        BOOST_TEST(is_refused(passes, asking(http::Method::post, cookie)));
        BOOST_TEST(is_refused(passes, asking(http::Method::get, cookie + "x")));
    }
    BOOST_TEST(is_refused(passes, asking(http::Method::get, cookie))); // it ended with the picture
    access::Passes::Pass const other{passes, visitor};
    std::const_pointer_cast<access::Standing>(visitor.standing)->end();
    BOOST_TEST(is_refused(passes, asking(http::Method::get, std::string{access::Passes::cookie} +
                                                                "=" + other.secret())));
}

BOOST_AUTO_TEST_CASE(
    a_full_queue_says_when_to_come_again_and_an_ending_server_waits_for_no_picture) {
    Mute const mute;
    access::OpenGate const behind;
    access::Passes passes{behind};
    print::MapImages images{mute.path, [] { return std::string{"http://127.0.0.1:1"}; }, passes};
    std::atomic<int> busy{0};
    auto const draw = [&] {
        try {
            static_cast<void>(images.draw({"/", 100, 100, "png", ""}, clerk()));
        } catch (geo::Error const& error) {
            if (error.type() == "map-image-busy") ++busy;
        }
    };
    std::vector<std::jthread> visitors;
    for (int i = 0; i < 8; ++i) visitors.emplace_back(draw); // one is drawn, four wait
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (busy < 3 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    BOOST_TEST(busy == 3);
    auto const begin = std::chrono::steady_clock::now();
    images.stop();
    visitors.clear();
    BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds{5}));
    BOOST_TEST(busy == 7); // and the one that was being drawn was too late
}

BOOST_AUTO_TEST_SUITE_END()
