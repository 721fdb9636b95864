#include "services/http/request_reader.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using diaban::services::http::Method;
using diaban::services::http::RequestReader;
using State = RequestReader::State;

namespace {

constexpr std::string_view simple =
    "GET /tiles/places/9/406/229.mvt?lang=en HTTP/1.1\r\nHost: a.vn:8080\r\nAccept: */*\r\n\r\n";

/// Status a whole text is refused with; 0 if it is read, 1 if more is waited for.
int outcome(std::string_view text) {
    RequestReader reader;
    reader.append(text);
    switch (reader.read()) {
    case State::complete: return 0;
    case State::refused: return reader.refusal().status;
    default: return 1;
    }
}

std::string with(std::string_view fields) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n";
}

} // namespace

BOOST_AUTO_TEST_SUITE(reader)

BOOST_AUTO_TEST_CASE(a_request_is_read_the_same_wherever_its_bytes_are_cut) {
    for (std::size_t cut = 0; cut <= simple.size(); ++cut) {
        RequestReader reader;
        reader.append(simple.substr(0, cut));
        auto state = reader.read();
        if (cut < simple.size()) {
            BOOST_REQUIRE(state == State::incomplete);
            reader.append(simple.substr(cut));
            state = reader.read();
        }
        BOOST_REQUIRE(state == State::complete);
        auto const& request = reader.request();
        BOOST_TEST(request.path == "/tiles/places/9/406/229.mvt");
        BOOST_TEST(request.query == "lang=en");
        BOOST_TEST(request.host == "a.vn:8080");
        BOOST_TEST(request.header("ACCEPT") == "*/*");
        BOOST_TEST(request.keep_alive);
        reader.discard();
        BOOST_TEST(reader.idle());
    }
}

BOOST_AUTO_TEST_CASE(requests_sent_in_one_go_are_read_one_after_the_other) {
    RequestReader reader;
    std::string text;
    for (int i = 0; i < 5; ++i) text += simple;
    reader.append(text);
    for (int i = 0; i < 5; ++i) {
        BOOST_REQUIRE(reader.read() == State::complete);
        BOOST_TEST(reader.request().query == "lang=en");
        reader.discard();
    }
    BOOST_TEST(reader.idle());
}

BOOST_AUTO_TEST_CASE(bodies_come_by_length_or_in_chunks_at_any_cut) {
    std::string_view const sized =
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world";
    std::string_view const chunked =
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n";
    for (auto const text : {sized, chunked})
        for (std::size_t cut = 0; cut < text.size(); ++cut) {
            RequestReader reader;
            reader.append(text.substr(0, cut));
            BOOST_REQUIRE(reader.read() == State::incomplete);
            reader.append(text.substr(cut));
            BOOST_REQUIRE(reader.read() == State::complete);
            BOOST_TEST(reader.request().body == "hello world");
            BOOST_TEST(reader.request().path == "/x");
            BOOST_TEST((reader.request().method == Method::post));
        }
}

BOOST_AUTO_TEST_CASE(what_two_readers_could_read_in_two_ways_is_refused) {
    BOOST_TEST(outcome(with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")) == 400);
    BOOST_TEST(outcome(with("Content-Length: 1\r\nContent-Length: 2\r\n")) == 400);
    BOOST_TEST(outcome(with("Content-Length: +1\r\n")) == 400);
    BOOST_TEST(outcome(with("Content-Length: 1,1\r\n")) == 400);
    BOOST_TEST(outcome(with("Content-Length: -1\r\n")) == 400);
    BOOST_TEST(outcome(with("Content-Length: 99999999999999999999\r\n")) == 400);
    BOOST_TEST(outcome(with("Transfer-Encoding: gzip, chunked\r\n")) == 501);
    BOOST_TEST(outcome(with("Transfer-Encoding : chunked\r\n")) == 400);
    BOOST_TEST(outcome(with(" folded: x\r\n")) == 400);
    BOOST_TEST(outcome(with("Host: b\r\n")) == 400);
    BOOST_TEST(outcome(with(std::string{"X: a\0b\r\n", 8})) == 400);
    BOOST_TEST(outcome("GET / HTTP/1.1\nHost: a\n\n") == 400);
    BOOST_TEST(outcome("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n") == 400);
    BOOST_TEST(outcome("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n") ==
               400);
    BOOST_TEST(
        outcome("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n") ==
        400);
}

BOOST_AUTO_TEST_CASE(a_broken_request_line_or_host_is_refused_with_its_own_status) {
    BOOST_TEST(outcome("GET  / HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    BOOST_TEST(outcome("GET / HTTP/1.1 \r\nHost: a\r\n\r\n") == 400);
    BOOST_TEST(outcome("GET /\r\n\r\n") == 400);
    BOOST_TEST(outcome("GET x HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    BOOST_TEST(outcome("GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    BOOST_TEST(outcome("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    BOOST_TEST(outcome("BREW / HTTP/1.1\r\nHost: a\r\n\r\n") == 501);
    BOOST_TEST(outcome("get / HTTP/1.1\r\nHost: a\r\n\r\n") == 501);
    BOOST_TEST(outcome("PRI * HTTP/2.0\r\n\r\n") == 505);
    BOOST_TEST(outcome("GET / HTTP/1.1\r\n\r\n") == 400);
    BOOST_TEST(outcome("GET / HTTP/1.1\r\nHost: a b\r\n\r\n") == 400);
    BOOST_TEST(outcome("GET / HTTP/1.1\r\nHost: a/../\r\n\r\n") == 400);
    BOOST_TEST(outcome("GET / HTTP/1.0\r\n\r\n") == 0);
    BOOST_TEST(outcome("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
    BOOST_TEST(outcome("GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
    BOOST_TEST(outcome("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
}

BOOST_AUTO_TEST_CASE(size_is_bounded_part_by_part_before_the_end_is_seen) {
    BOOST_TEST(outcome("GET /" + std::string(8191, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
    BOOST_TEST(outcome("GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n") == 414);
    BOOST_TEST(outcome("GET /" + std::string(9000, 'a')) == 414);
    BOOST_TEST(outcome(with("X: " + std::string(17000, 'a') + "\r\n")) == 431);
    BOOST_TEST(outcome("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(17000, 'a')) == 431);
    std::string many;
    for (int i = 0; i < 200; ++i) many += "X: a\r\n";
    BOOST_TEST(outcome(with(many)) == 431);
    BOOST_TEST(outcome(with("Content-Length: 1048577\r\n")) == 413);
    BOOST_TEST(
        outcome("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n") ==
        413);
}

BOOST_AUTO_TEST_CASE(a_file_is_taken_at_its_path_alone_from_who_says_who_they_are_and_few_at_once) {
    diaban::services::http::RequestLimits const limits{
        .file_path = "/packs", .file = 2 * 1024 * 1024, .files = 2};
    auto const begins = [&](RequestReader& reader, std::string const& line, char const* fields,
                            char const* length) {
        reader.append(line + " HTTP/1.1\r\nHost: a\r\n" + fields + "Content-Length: " + length +
                      "\r\n\r\n");
        return reader.read() == State::refused ? reader.refusal().status : 0;
    };
    auto const once = [&](char const* line, char const* fields, char const* length) {
        RequestReader reader{limits};
        return begins(reader, line, fields, length);
    };
    constexpr char known[] = "Authorization: Bearer x\r\n";
    BOOST_TEST(once("POST /packs", known, "2097152") == 0);
    BOOST_TEST(once("POST /packs", known, "2097153") == 413);
    BOOST_TEST(once("POST /packs", "", "2097152") == 413);
    BOOST_TEST(once("PUT /packs", known, "2097152") == 413);
    BOOST_TEST(once("POST /packs/1", known, "2097152") == 413);
    RequestReader first{limits};
    RequestReader third{limits};
    BOOST_TEST(begins(first, "POST /packs", known, "2097152") == 0);
    {
        RequestReader second{limits};
        BOOST_TEST(begins(second, "POST /packs", known, "2097152") == 0);
        BOOST_TEST(begins(third, "POST /packs", known, "2097152") == 503);
        BOOST_TEST(once("POST /packs", known, "1000") == 0); // no file
    }
    BOOST_TEST(once("POST /packs", known, "2097152") == 0);
    first.append(std::string(2097152, 'x'));
    BOOST_TEST((first.read() == State::complete));
    first.discard();
    RequestReader fourth{limits};
    BOOST_TEST(begins(fourth, "POST /packs", known, "2097152") == 0);
    BOOST_TEST(once("POST /packs", known, "2097152") == 0);
}

BOOST_AUTO_TEST_CASE(fields_nobody_asks_for_may_hold_anything_printable) {
    BOOST_TEST(outcome(with("Cookie: a=b; c\r\nAccept: ;;;\r\nX: \xff\xfe\r\n")) == 0);
}

BOOST_AUTO_TEST_CASE(a_client_that_asks_is_told_to_continue_once) {
    RequestReader reader;
    reader.append(
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    BOOST_TEST((reader.read() == State::expects_100));
    BOOST_TEST((reader.read() == State::incomplete));
    reader.append("ab");
    BOOST_TEST((reader.read() == State::complete));
}

BOOST_AUTO_TEST_CASE(keep_alive_follows_version_and_connection_field) {
    auto const keeps = [](std::string_view text) {
        RequestReader reader;
        reader.append(text);
        BOOST_REQUIRE(reader.read() == State::complete);
        return reader.request().keep_alive;
    };
    BOOST_TEST(keeps("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    BOOST_TEST(!keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n"));
    BOOST_TEST(!keeps("GET / HTTP/1.0\r\n\r\n"));
    BOOST_TEST(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

BOOST_AUTO_TEST_SUITE_END()
