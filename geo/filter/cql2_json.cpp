#include "geo/filter/cql2_json.hpp"

#include "geo/codec/geojson.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/filter/form.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <utility>

namespace diaban::geo::filter {

namespace {

using Json = nlohmann::json;
using Arguments = std::vector<Expression>;

[[noreturn]] void refuse_at(std::string const& pointer, std::string_view value,
                            std::string_view accepted) {
    throw Error{Code::bad_input,
                "bad-filter",
                {{"position", pointer.empty() ? "/" : pointer},
                 {"value", shown(value)},
                 {"accepted", std::string{accepted}}}};
}

std::string excerpt(Json const& json) {
    if (json.is_object()) return "{…}";
    if (json.is_array()) return "[…]";
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

constexpr std::string_view node_words =
    "op, property, date, timestamp, interval, bbox, type, text, number, true, false, array";

/// Takes JSON apart, one function a kind of object; `at` is the pointer to it.
class Reader {
public:
    Expression node(Json const& json, std::string const& at) {
        Level const level{m_depth};
        if (++m_nodes > max_nodes) refuse_size(m_nodes, max_nodes, "nodes");
        if (json.is_boolean()) return {json.get<bool>()};
        if (json.is_number()) return number(json, at);
        if (json.is_string()) return {text(json, at)};
        if (json.is_array()) return make_array(list(json, at), 0);
        if (!json.is_object()) refuse_at(at, excerpt(json), node_words);
        if (json.contains("op")) return call(json, at);
        if (json.contains("property"))
            return {Property{text(member(json, "property", at), at + "/property")}};
        if (json.contains("date")) return date(member(json, "date", at), at + "/date");
        if (json.contains("timestamp"))
            return timestamp(member(json, "timestamp", at), at + "/timestamp");
        if (json.contains("interval"))
            return interval(member(json, "interval", at), at + "/interval");
        if (json.contains("type")) return shape(json, at);
        if (json.contains("bbox")) return bbox(member(json, "bbox", at), at + "/bbox");
        refuse_at(at, "{…}", node_words);
    }

private:
    struct Level {
        explicit Level(std::uint32_t& depth) : m_depth{depth} {
            if (++m_depth > max_depth) refuse_size(m_depth, max_depth, "levels");
        }
        ~Level() { --m_depth; }
        Level(Level const&) = delete;
        Level& operator=(Level const&) = delete;
        std::uint32_t& m_depth;
    };

    static Json const& member(Json const& json, char const* name, std::string const& at) {
        auto const found = json.find(name);
        if (found == json.end()) refuse_at(at, "{…}", name);
        return *found;
    }

    static std::string text(Json const& json, std::string const& at) {
        if (!json.is_string()) refuse_at(at, excerpt(json), "text");
        auto const& value = json.get_ref<std::string const&>();
        for (char const c : value) {
            bool const control =
                (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) && !(c >= '\a' && c <= '\r');
            if (control) refuse_at(at, value, "no control character");
        }
        return value;
    }

    static Expression number(Json const& json, std::string const& at) {
        if (json.is_number_float()) {
            double const value = json.get<double>();
            if (!std::isfinite(value)) refuse_at(at, excerpt(json), "number < 1.8E308");
            return {value};
        }
        if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{INT64_MAX})
            return {double(json.get<std::uint64_t>())};
        return {json.get<std::int64_t>()};
    }

    Arguments list(Json const& json, std::string const& at) {
        if (!json.is_array()) refuse_at(at, excerpt(json), "array");
        if (json.size() > max_nodes) refuse_size(json.size(), max_nodes, "nodes");
        Arguments result;
        result.reserve(json.size());
        for (std::size_t i = 0; i < json.size(); ++i)
            result.push_back(node(json[i], at + "/" + std::to_string(i)));
        return result;
    }

    Expression call(Json const& json, std::string const& at) {
        auto name = text(member(json, "op", at), at + "/op");
        auto const op = op_named(name);
        if (!op) {
            auto const meant = op_spelled(name);
            if (meant) refuse_at(at + "/op", name, name_of(*meant));
            if (name.empty()) refuse_at(at + "/op", name, "function()");
        }
        auto const& args = member(json, "args", at);
        auto const where = at + "/args";
        Arguments arguments = op == Op::in ? in_list(args, where) : list(args, where);
        std::vector<std::string> found;
        for (auto const& argument : arguments) found.push_back(words_of(form_of(argument)));
        try {
            return make_call(op.value_or(Op::function), op ? std::string{} : name,
                             std::move(arguments), 0);
        } catch (FormError const& error) {
            bool const counted = error.operand >= found.size();
            refuse_at(counted ? where : where + operand(op, error.operand),
                      counted ? name : found[error.operand], error.accepted);
        }
    }

    static std::string operand(std::optional<Op> op, std::size_t i) {
        if (op == Op::in && i > 0) return "/1/" + std::to_string(i - 1);
        return "/" + std::to_string(i);
    }

    /// The value, then the items of the array behind it.
    Arguments in_list(Json const& args, std::string const& at) {
        if (!args.is_array() || args.size() != 2) refuse_at(at, excerpt(args), "2 operands");
        Arguments arguments;
        arguments.push_back(node(args[0], at + "/0"));
        for (auto& item : list(args[1], at + "/1")) arguments.push_back(std::move(item));
        return arguments;
    }

    static Expression date(Json const& json, std::string const& at) {
        auto const value = text(json, at);
        if (auto const date = codec::read_date(value)) return {*date};
        refuse_at(at, value, "YYYY-MM-DD");
    }

    static Expression timestamp(Json const& json, std::string const& at) {
        auto const value = text(json, at);
        if (auto const moment = codec::read_instant(value)) return {*moment};
        refuse_at(at, value, "YYYY-MM-DDThh:mm:ssZ");
    }

    Expression interval(Json const& json, std::string const& at) {
        if (!json.is_array() || json.size() != 2) refuse_at(at, excerpt(json), "2 ends");
        Arguments ends;
        for (std::size_t i = 0; i < 2; ++i)
            ends.push_back(interval_end(json[i], at + "/" + std::to_string(i)));
        try {
            return make_interval(std::move(ends), 0);
        } catch (FormError const& error) {
            refuse_at(at + "/" + std::to_string(error.operand), excerpt(json[error.operand]),
                      error.accepted);
        }
    }

    Expression interval_end(Json const& json, std::string const& at) {
        if (!json.is_string()) return node(json, at);
        auto const value = text(json, at);
        if (value == "..") return {Open{}};
        if (auto const date = codec::read_date(value)) return {*date};
        if (auto const moment = codec::read_instant(value)) return {*moment};
        refuse_at(at, value, "YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ, ..");
    }

    static Geometry member_of(Json const& json, std::string const& at) {
        try {
            auto geometry = codec::read_geojson(json.dump());
            auto const fault = fault_of(geometry);
            if (fault) refuse_at(at, json.value("type", ""), *fault);
            return geometry;
        } catch (Error const& error) {
            if (error.type() != "bad-geojson") throw;
            auto const& parameters = error.parameters();
            refuse_at(at, excerpt(json), parameters.empty() ? "GeoJSON" : parameters[0].second);
        }
    }

    static Expression shape(Json const& json, std::string const& at) {
        Shape shape;
        auto const& type = member(json, "type", at);
        shape.collection = type.is_string() && type == "GeometryCollection";
        if (!shape.collection) {
            shape.members.push_back(member_of(json, at));
            return {std::move(shape)};
        }
        auto const& members = member(json, "geometries", at);
        auto const where = at + "/geometries";
        if (!members.is_array() || members.empty()) refuse_at(where, excerpt(members), "array");
        for (std::size_t i = 0; i < members.size(); ++i)
            shape.members.push_back(member_of(members[i], where + "/" + std::to_string(i)));
        return {std::move(shape)};
    }

    static Expression bbox(Json const& json, std::string const& at) {
        if (!json.is_array() || (json.size() != 4 && json.size() != 6))
            refuse_at(at, excerpt(json), "4, 6");
        Bbox box;
        for (std::size_t i = 0; i < json.size(); ++i) {
            if (!json[i].is_number())
                refuse_at(at + "/" + std::to_string(i), excerpt(json[i]), "number");
            box.numbers.push_back(json[i].get<double>());
        }
        return {std::move(box)};
    }

    std::uint32_t m_depth = 0;
    std::size_t m_nodes = 0;
};

/// Geometries nest four arrays deep within the innermost expression.
constexpr int max_json_depth = int(2 * max_depth) + 8;

Json parsed(std::string_view text) {
    try {
        auto const bounded = [](int depth, Json::parse_event_t, Json&) {
            if (depth > max_json_depth) refuse_size(std::size_t(depth), max_depth, "levels");
            return true;
        };
        return Json::parse(text.begin(), text.end(), bounded);
    } catch (Json::parse_error const& error) {
        bool const ended = error.byte == 0 || error.byte > text.size();
        auto const there = ended ? std::string_view{} : text.substr(error.byte - 1, 1);
        throw Error{Code::bad_input,
                    "bad-filter",
                    {{"position", std::to_string(error.byte)},
                     {"value", shown(there)},
                     {"accepted", "JSON"}}};
    } catch (Json::out_of_range const&) { // a number beyond a double
        throw Error{Code::bad_input,
                    "bad-filter",
                    {{"position", "/"}, {"value", ""}, {"accepted", "number < 1.8E308"}}};
    }
}

} // namespace

Expression read_json(std::string_view text) {
    if (text.size() > max_bytes) refuse_size(text.size(), max_bytes, "bytes");
    auto const json = parsed(text);
    auto expression = Reader{}.node(json, "");
    if ((form_of(expression) & boolean_forms) == 0)
        refuse_at("", words_of(form_of(expression)), words_of(boolean_forms));
    return expression;
}

void append_json_text(std::string& out, std::string_view text) {
    out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace diaban::geo::filter
