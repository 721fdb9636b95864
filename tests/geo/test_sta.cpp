// What SensorThings asks, as text.

#include "geo/error.hpp"
#include "geo/sta/query.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace diaban::geo;
using sta::Entity;
using sta::Expression;

/// An expression as s-expressions.
std::string text_of(Expression const& expression) {
    struct Write {
        std::string operator()(std::monostate) const { return "null"; }
        std::string operator()(bool held) const { return held ? "true" : "false"; }
        std::string operator()(double held) const {
            auto text = std::to_string(held);
            text.erase(text.find_last_not_of('0') + 1);
            if (text.ends_with('.')) text.pop_back();
            return text;
        }
        std::string operator()(std::string const& held) const { return "'" + held + "'"; }
        std::string operator()(Instant held) const {
            return "@" + std::to_string(held.microseconds);
        }
        std::string operator()(sta::Shape const& held) const { return "<" + held.wkt + ">"; }
    };
    if (expression.kind == Expression::Kind::literal)
        return std::visit(Write{}, expression.literal);
    std::string text;
    if (expression.kind == Expression::Kind::property) {
        for (auto const& part : expression.path) text += (text.empty() ? "" : "/") + part;
        return text;
    }
    text = "(" + expression.name;
    for (auto const& argument : expression.arguments) text += " " + text_of(argument);
    return text + ")";
}

std::string read(std::string_view text) {
    return text_of(sta::read_expression(text));
}

std::string refused(std::string_view text) {
    try {
        static_cast<void>(sta::read_expression(text));
    } catch (Error const& error) {
        BOOST_TEST(error.type() == "sta-syntax");
        return error.parameters().at(0).second;
    }
    return "not refused";
}

sta::Query query(Entity entity, std::string_view name, std::string_view value) {
    sta::Option const option{name, value};
    return sta::read_query(entity, std::span{&option, 1});
}

} // namespace

BOOST_AUTO_TEST_SUITE(sensor_things)

BOOST_AUTO_TEST_CASE(operators_bind_as_odata_has_it) {
    BOOST_TEST(read("a eq 1 or b eq 2 and not c eq 3") ==
               "(or (eq a 1) (and (eq b 2) (not (eq c 3))))");
    BOOST_TEST(read("a add 2 mul b sub 3 gt -1.5e2") == "(gt (sub (add a (mul 2 b)) 3) -150)");
    BOOST_TEST(read("(a add 2) mul -b lt 0") == "(lt (mul (add a 2) (negate b)) 0)");
    BOOST_TEST(read("not (result le 3.5)") == "(not (le result 3.5))");
}

BOOST_AUTO_TEST_CASE(literals_are_what_they_look_like) {
    BOOST_TEST(read("name eq 'Ngàn O''Sâu'") == "(eq name 'Ngàn O'Sâu')");
    BOOST_TEST(read("phenomenonTime gt 1970-01-01T07:00:01+07:00") ==
               "(gt phenomenonTime @1000000)");
    BOOST_TEST(read("x eq null and y eq true") == "(and (eq x null) (eq y true))");
    BOOST_TEST(read("st_within(location, geography'POINT (105.9 18.3)')") ==
               "(st_within location <POINT (105.9 18.3)>)");
}

BOOST_AUTO_TEST_CASE(paths_and_functions_are_read_in_their_parts) {
    BOOST_TEST(read("Datastream/Thing/@iot.id eq 1") == "(eq Datastream/Thing/@iot.id 1)");
    BOOST_TEST(read("startswith(tolower(Thing/name), 'linh')") ==
               "(startswith (tolower Thing/name) 'linh')");
    BOOST_TEST(read("geo.distance(location,geography'POINT(1 2)') lt 5") ==
               "(lt (geo.distance location <POINT(1 2)>) 5)");
    BOOST_TEST(read("now() ge maxdatetime()") == "(ge (now) (maxdatetime))");
    auto const path = sta::read_expression("unitOfMeasurement/symbol").path;
    BOOST_TEST(path.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_refused_with_the_place) {
    BOOST_TEST(refused("result gt") == "");
    BOOST_TEST(refused("result gt 5 6") == "6");
    BOOST_TEST(refused("(result gt 5") == "");
    BOOST_TEST(refused("name eq 'x") == "'x");
    BOOST_TEST(refused("result gt 5..3") == "5..3");
    BOOST_TEST(refused("t gt 2026-13-01T00:00:00Z") == "2026-13-01T00:00:00Z");
    BOOST_TEST(refused("a//b eq 1") == "a//b eq 1");
    BOOST_TEST(refused("duration'P1D' eq 1") == "duration'P1D' eq 1");
    BOOST_TEST(refused("") == "");
    BOOST_TEST(refused(std::string(5000, 'a')) != "not refused");
    BOOST_TEST(refused(std::string(60, '(') + "a" + std::string(60, ')')) != "not refused");
    std::string many;
    for (int i = 0; i < 60; ++i) many += "not ";
    BOOST_TEST(refused(many + "a") != "not refused");
}

BOOST_AUTO_TEST_CASE(options_are_read_and_nested_ones_too) {
    auto const expanded = query(
        Entity::thing, "$expand",
        "Datastreams($select=name;$orderby=name desc;$expand=Observations($top=1;$filter=result "
        "gt 1 and startswith('a;b','a'))),Locations,Datastreams/Sensor");
    BOOST_REQUIRE(expanded.expand.size() == 2U);
    auto const& streams = expanded.expand[0];
    BOOST_TEST(streams.relation->name == "Datastreams");
    BOOST_REQUIRE(streams.query.expand.size() == 2U);
    BOOST_TEST(streams.query.select.at(0) == "name");
    BOOST_TEST(streams.query.order.at(0).descending);
    BOOST_TEST(streams.query.expand[0].query.top.value() == 1U);
    BOOST_TEST(streams.query.expand[0].query.filter.has_value());
    BOOST_TEST(streams.query.expand[1].relation->name == "Sensor");
    BOOST_TEST(query(Entity::thing, "$count", "true").count);
    BOOST_TEST(query(Entity::thing, "$skip", "7").skip == 7U);
}

BOOST_AUTO_TEST_CASE(options_that_mean_nothing_are_refused) {
    auto const type = [](Entity entity, std::string_view name, std::string_view value) {
        try {
            static_cast<void>(query(entity, name, value));
        } catch (Error const& error) {
            return error.type();
        }
        return std::string{};
    };
    BOOST_TEST(type(Entity::thing, "$top", "-1") == "sta-option");
    BOOST_TEST(type(Entity::thing, "$top", "1.5") == "sta-option");
    BOOST_TEST(type(Entity::thing, "$skip", "1000001") == "sta-option");
    BOOST_TEST(type(Entity::thing, "$count", "1") == "sta-option");
    BOOST_TEST(type(Entity::thing, "$select", "a,,b") == "sta-option");
    BOOST_TEST(type(Entity::thing, "$expand", "Sensor") == "sta-relation");
    BOOST_TEST(type(Entity::thing, "$expand", "Datastreams($x=1)") == "sta-option");
    BOOST_TEST(type(Entity::thing, "$expand", "Datastreams($top=1") == "sta-syntax");
    std::string deep = "Datastreams";
    for (int i = 0; i < 4; ++i) deep += "/Thing/Datastreams";
    BOOST_TEST(type(Entity::thing, "$expand", deep) == "sta-option");
}

BOOST_AUTO_TEST_CASE(paths_are_what_the_standard_has) {
    auto const path = sta::read_path("Things(1)/Datastreams(2)/Observations");
    BOOST_REQUIRE(path.has_value());
    BOOST_TEST(path->steps.size() == 3U);
    BOOST_TEST(!path->is_one());
    BOOST_TEST(sta::read_path("Observations(5)/Datastream")->is_one());
    BOOST_TEST(sta::read_path("Things(1)/name")->property == "name");
    BOOST_TEST(sta::read_path("Things(1)/name/$value")->raw);
    BOOST_TEST(sta::read_path("Things(1)/Datastreams/$ref")->references);
    for (auto const* const bad :
         {"", "Nothing", "Things(1", "Things(x)", "Things/name", "Things(1)/Datastreams/name",
          "Things(1)/$value", "$ref", "Things(1)/name/more", "Things(1)/Sensor(1)/x", "Things//",
          "Datastreams(1)/Thing(2)", "Things(1)/name/$ref",
          "Things(1)/Datastreams(1)/Thing/Datastreams(1)/Thing/Datastreams(1)/Thing"})
        BOOST_TEST(!sta::read_path(bad).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(every_relation_has_one_back) {
    for (std::size_t i = 0; i < sta::entity_count; ++i) {
        auto const from = static_cast<Entity>(i);
        for (auto const& relation : sta::relations_of(from)) {
            bool back = false;
            for (auto const& other : sta::relations_of(relation.to)) back |= other.to == from;
            BOOST_TEST(back, relation.name);
            BOOST_TEST(relation.many == relation.name.ends_with('s'), relation.name);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
