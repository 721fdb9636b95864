#include "services/http/application.hpp"
#include "services/http/router.hpp"
#include "services/http/uri.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <string>

namespace http = diaban::services::http;
using diaban::geo::Code;
using diaban::geo::Error;
using diaban::services::access::Need;

namespace {

http::Response tell(std::string text) {
    return http::answer(200, "text/plain", std::move(text));
}

http::Router sample_routes() {
    http::Router router;
    router.get(Need::open, "/", {}, [](http::Context const&) { return tell("root"); });
    router.get(Need::open, "/tiles/{collections}.json", {},
               [](http::Context const&, std::string const& list) { return tell("json " + list); });
    router.get(
        Need::open, "/tiles/{collections}/{zoom}/{row}.mvt", {"a", "b"},
        [](http::Context const&, std::string const& list, std::uint32_t zoom, std::uint32_t row) {
            return tell(list + " " + std::to_string(zoom) + " " + std::to_string(row));
        });
    router.get(Need::open, "/files/{path...}", {"*"},
               [](http::Context const&, std::string const& path) { return tell(path); });
    router.add(http::Method::post, Need::open, "/both", {},
               [](http::Context const&) { return tell("post"); });
    router.get(Need::open, "/both", {}, [](http::Context const&) { return tell("get"); });
    router.get(Need::open, "/fault", {}, [](http::Context const&) -> http::Response {
        throw std::runtime_error{"secret of the house"};
    });
    router.get(Need::open, "/busy", {}, [](http::Context const&) -> http::Response {
        throw Error{Code::unavailable, "database-busy", {}, "SQLSTATE 55P03"};
    });
    return router;
}

struct Asked {
    explicit Asked(http::ApplicationOptions options = {}) : application{sample_routes(), options} {}
    http::Response operator()(http::Method method, std::string_view path,
                              std::string_view query = "", std::vector<http::Header> headers = {}) {
        http::Request request;
        request.method = method;
        request.path = path;
        request.query = query;
        request.host = "localhost";
        request.headers = std::move(headers);
        return application.serve(request);
    }
    http::Response get(std::string_view path, std::string_view query = "") {
        return (*this)(http::Method::get, path, query);
    }
    http::Application application;
};

nlohmann::json body(http::Response const& response) {
    return nlohmann::json::parse(response.body.bytes());
}

} // namespace

BOOST_AUTO_TEST_SUITE(router)

BOOST_AUTO_TEST_CASE(path_parameters_are_cut_out_decoded_and_typed) {
    Asked ask;
    BOOST_TEST(ask.get("/tiles/a,b/3/7.mvt").body.bytes() == "a,b 3 7");
    BOOST_TEST(ask.get("/tiles/a%2Cb/3/7.mvt").body.bytes() == "a,b 3 7");
    BOOST_TEST(ask.get("/tiles/a,b.json").body.bytes() == "json a,b");
    BOOST_TEST(ask.get("/files/x/y%2fz/").body.bytes() == "x/y/z/");
}

BOOST_AUTO_TEST_CASE(a_part_of_the_wrong_type_is_named) {
    Asked ask;
    for (auto const* const path : {"/tiles/a/x/7.mvt", "/tiles/a/-1/7.mvt", "/tiles/a/1.0/7.mvt",
                                   "/tiles/a/4294967296/7.mvt", "/tiles/a/%20/7.mvt"}) {
        auto const response = ask.get(path);
        BOOST_TEST(response.status == 400);
        BOOST_TEST(body(response)["parameter"] == "zoom");
    }
}

BOOST_AUTO_TEST_CASE(unknown_paths_are_404_and_wrong_methods_405_with_allow) {
    Asked ask;
    BOOST_TEST(ask.get("/nothing").status == 404);
    BOOST_TEST(ask.get("/tiles/").status == 404);
    BOOST_TEST(ask.get("/tiles/.json").status == 404);
    auto const wrong = ask(http::Method::remove, "/both");
    BOOST_TEST(wrong.status == 405);
    BOOST_TEST(wrong.header("allow") == "GET, HEAD, OPTIONS, POST");
    BOOST_TEST(ask(http::Method::post, "/both").body.bytes() == "post");
    auto const options = ask(http::Method::options, "/both");
    BOOST_TEST(options.status == 200);
    BOOST_TEST(options.header("allow") == "GET, HEAD, OPTIONS, POST");
    BOOST_TEST(ask(http::Method::options, "/nothing").status == 404);
    BOOST_TEST(ask(http::Method::head, "/both").body.bytes() == "get"); // cut off by the edge
}

BOOST_AUTO_TEST_CASE(an_unknown_query_parameter_is_named_with_what_is_accepted) {
    Asked ask;
    auto const response = ask.get("/tiles/a/3/7.mvt", "a=1&c=2");
    BOOST_TEST(response.status == 400);
    BOOST_TEST(response.header("content-type") == "application/problem+json");
    BOOST_TEST(body(response)["parameter"] == "c");
    BOOST_TEST(body(response)["accepted"] == "a, b, lang");
    BOOST_TEST(ask.get("/tiles/a/3/7.mvt", "a=1&a=2").status == 400);
    BOOST_TEST(ask.get("/files/x", "anything=1").status == 200);
}

BOOST_AUTO_TEST_CASE(percent_encoding_is_strict) {
    Asked ask;
    for (auto const* const path : {"/files/%", "/files/%4", "/files/%zz", "/files/%00",
                                   "/files/%c3", "/files/%c0%af", "/files/%ed%a0%80", "/files/%0a"})
        BOOST_TEST(ask.get(path).status == 400, path);
    for (auto const* const query : {"a=%", "%zz=1", "a=%ff"})
        BOOST_TEST(ask.get("/tiles/a/3/7.mvt", query).status == 400, query);
    BOOST_TEST(http::percent_decode("C%E1%BA%A9m+Du%E1%BB%87", true).value() == "Cẩm Duệ");
    BOOST_TEST(http::percent_encode("Cẩm/ ~") == "C%E1%BA%A9m%2F%20~");
}

BOOST_AUTO_TEST_CASE(problems_speak_the_clients_language_and_keep_our_secrets) {
    Asked ask;
    auto const vietnamese = ask.get("/nothing");
    BOOST_TEST(vietnamese.header("content-language") == "vi");
    auto const english = ask.get("/nothing", "lang=en");
    BOOST_TEST(body(english)["title"] == "Nothing at this path");
    auto const by_field =
        ask(http::Method::get, "/nothing", "", {{"Accept-Language", "fr, en;q=0.8, vi;q=0.2"}});
    BOOST_TEST(by_field.header("content-language") == "en");
    BOOST_TEST(ask.get("/", "lang=fr").status == 400);

    auto const fault = ask.get("/fault");
    BOOST_TEST(fault.status == 500);
    BOOST_TEST(fault.body.bytes().find("secret") == std::string_view::npos);
    auto const busy = ask.get("/busy");
    BOOST_TEST(busy.status == 503);
    BOOST_TEST(busy.header("retry-after") == "1");
    BOOST_TEST(busy.body.bytes().find("55P03") == std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(other_origins_may_read_only_where_they_are_allowed) {
    std::vector<http::Header> const from{{"Origin", "https://a.vn"}};
    Asked closed;
    BOOST_TEST(closed(http::Method::get, "/", "", from).header("access-control-allow-origin") ==
               "");
    Asked open{{.allow_origin = "*"}};
    BOOST_TEST(open(http::Method::get, "/", "", from).header("access-control-allow-origin") == "*");
    Asked one{{.allow_origin = "https://b.vn"}};
    BOOST_TEST(one(http::Method::get, "/", "", from).header("access-control-allow-origin") == "");
    BOOST_TEST(one(http::Method::get, "/", "").header("vary") == "Origin");
    auto const preflight =
        open(http::Method::options, "/", "",
             {{"Origin", "https://a.vn"}, {"Access-Control-Request-Method", "GET"}});
    BOOST_TEST(preflight.status == 200);
    BOOST_TEST(preflight.header("access-control-allow-methods") == "GET, HEAD, OPTIONS");
}

BOOST_AUTO_TEST_SUITE_END()
