// Feeds as publishers write them, links as they are known again, and names found in texts.

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "services/domain/feed.hpp"
#include "services/domain/press.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace diaban::services::domain;
using diaban::geo::codec::read_instant;

BOOST_AUTO_TEST_SUITE(press_feed)

BOOST_AUTO_TEST_CASE(rss_atom_and_json_feed_give_the_same_items) {
    std::string const rss = R"(<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Báo</title><link>https://bao.example</link>
<item><title>Ngập ở Cẩm Duệ</title><link> https://bao.example/a?utm_source=rss </link>
<description><![CDATA[<a href="x"><img src="y"/></a>Nước l&#234;n &amp; rút]]></description>
<pubDate>Tue, 10 Jun 2025 04:00:00 +0700</pubDate></item>
<item><title></title><description></description><link>https://bao.example/b</link></item>
<item><title>Không theo được</title><link>javascript:alert(1)</link></item>
</channel></rss>)";
    std::string const atom = R"(<feed xmlns="http://www.w3.org/2005/Atom"><title>Báo</title>
<entry><title>Ngập ở Cẩm Duệ</title><link rel="edit" href="https://bao.example/e"/>
<link href="https://bao.example/a?utm_source=rss"/><published>2025-06-09T21:00:00Z</published>
<updated>2025-06-11T00:00:00Z</updated><summary type="html">Nước l&amp;#234;n &amp;amp; rút</summary>
</entry></feed>)";
    std::string const json = R"({"version": "https://jsonfeed.org/version/1.1", "title": "Báo",
"items": [{"id": "1", "url": "https://bao.example/a?utm_source=rss", "title": "Ngập ở Cẩm Duệ",
"content_html": "<p>Nước lên &amp; rút</p>", "date_published": "2025-06-10T04:00:00+07:00"}, 7]})";
    for (auto const& body : {rss, atom, json}) {
        auto const items = read_feed(body);
        BOOST_REQUIRE(items.size() == 1U);
        BOOST_TEST(items[0].title == "Ngập ở Cẩm Duệ");
        BOOST_TEST(items[0].summary == "Nước lên & rút");
        BOOST_TEST(items[0].link == "https://bao.example/a?utm_source=rss");
        BOOST_REQUIRE(items[0].published.has_value());
        BOOST_TEST(items[0].published->microseconds ==
                   read_instant("2025-06-09T21:00:00Z")->microseconds);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_feed_is_refused_and_what_is_too_long_is_cut) {
    for (std::string const body :
         {"", "   ", "<html><body>404</body></html>", "{", "[1]", R"({"items": 7})", "<rss>",
          "\x89PNG", "<rss version='2.0'></rss>"})
        BOOST_CHECK_THROW(static_cast<void>(read_feed(body)), diaban::geo::Error);
    std::string many = "<rss><channel>";
    for (int i = 0; i < 700; ++i)
        many += "<item><title>" + std::string(3000, 'x') + "ệ</title><link>http://a.example/" +
                std::to_string(i) + "</link></item>";
    auto const items = read_feed(many + "</channel></rss>");
    BOOST_TEST(items.size() == most_feed_items);
    BOOST_TEST(items.front().title.size() == most_title);
    BOOST_TEST(plain_text("ệệệ", 5) == "ệ"); // no letter is cut in two
    // A document's own entities are not expanded.
    auto const bomb = read_feed(R"(<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>
<rss><channel><item><title>x &b; y</title><link>http://a.example/</link></item></channel></rss>)");
    BOOST_REQUIRE(bomb.size() == 1U);
    BOOST_TEST(bomb[0].title.find("aaaa") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(dates_of_mail_are_read_as_rfc_822_has_them) {
    auto const same = [](char const* mail, char const* instant) {
        auto const read = read_mail_date(mail);
        BOOST_REQUIRE_MESSAGE(read.has_value(), mail);
        BOOST_TEST(read->microseconds == read_instant(instant)->microseconds, mail);
    };
    same("Tue, 10 Jun 2025 04:00:00 +0700", "2025-06-09T21:00:00Z");
    same("10 Jun 2025 04:00 GMT", "2025-06-10T04:00:00Z");
    same("Sat, 29 Feb 2020 23:59:59 -0330", "2020-03-01T03:29:59Z");
    same("Thu, 1 Jan 26 00:00:00 Z", "2026-01-01T00:00:00Z");
    for (char const* wrong :
         {"", "Tue", "Tue, 31 Jun 2025 04:00:00 +0700", "10 Jum 2025 04:00:00 GMT",
          "10 Jun 2025 24:00:00 GMT", "10 Jun 2025 04:00:00 +07", "10 Jun 2025 04:00:00"})
        BOOST_TEST(!read_mail_date(wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(a_link_is_known_again_however_its_reader_came_to_it) {
    for (std::string const link :
         {"https://bao.example/a/1", "http://BAO.example/a/1/", "https://www.bao.example/a/1#top",
          "https://bao.example/a/1?utm_source=x&utm_medium=y", "https://bao.example/a/1?fbclid=z"})
        BOOST_TEST(link_key(link) == "bao.example/a/1", link);
    BOOST_TEST(link_key("https://bao.example/a?id=1&utm_source=x&b=2") == "bao.example/a?id=1&b=2");
    BOOST_TEST(link_key("https://bao.example/A") != link_key("https://bao.example/a"));
}

BOOST_AUTO_TEST_CASE(a_topic_is_told_by_the_words_a_text_holds_most_of) {
    using diaban::data::postgis::PressWord;
    PressWord const words[] = {
        {"disaster", "lũ"}, {"disaster", "sạt lở"}, {"traffic", "tai nạn"}, {"order", "trộm"}};
    BOOST_TEST(topic_of("Lũ lớn gây sạt lở, một tai nạn", words, "") == "disaster");
    BOOST_TEST(topic_of("TAI NAN trên quốc lộ", words, "") == "traffic");
    BOOST_TEST(topic_of("Lũy tre làng", words, "") == "other"); // whole words alone
    BOOST_TEST(topic_of("Khai giảng", words, "education") == "education");
}

BOOST_AUTO_TEST_CASE(places_and_reports_are_written_and_read_alike) {
    PressItem::Place const places[] = {{"18739", 0.95}, {"42", 0.7}};
    auto const text = places_text(places);
    BOOST_TEST(text == "18739=0.95,42=0.70");
    auto const read = read_places(text + ",x,=,y=z");
    BOOST_REQUIRE(read.size() >= 2U);
    BOOST_TEST(read[0].code == "18739");
    BOOST_TEST(read[1].certainty == 0.7);
    std::int64_t const reports[] = {12, 34};
    BOOST_TEST(reports_text(reports) == "12,34");
    BOOST_TEST((read_reports("12,34,x") == std::vector<std::int64_t>{12, 34}));
}

BOOST_AUTO_TEST_SUITE_END()
