#include "services/api/open311_form.hpp"
#include "tests/fuzz/targets.hpp"

#include <pugixml.hpp>

/// A citizen's form, and its members as an answer in XML.
void diaban::tests::fuzz::form(Bytes input) {
    using namespace services;
    try {
        auto const members = http::Query::parse(api::one_line_form(text_of(input)));
        api::Json answer = api::Json::array();
        for (auto const& [name, value] : members.all())
            answer.push_back({{"name", name}, {"value", value}});
        auto const text =
            api::georeport_text(answer, api::GeoReportForm::xml, {"service_requests", "request"});
        pugi::xml_document read;
        require(bool(read.load_buffer(text.data(), text.size(),
                                      pugi::parse_default | pugi::parse_ws_pcdata)),
                "an answer is no XML");
        auto node = read.child("service_requests").child("request");
        for (auto const& [name, value] : members.all()) {
            require(node.child("value").text().get() == value, "a value in XML is another");
            node = node.next_sibling("request");
        }
    } catch (geo::Error const&) {
    }
}
