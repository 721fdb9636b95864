#include "geo/sta/expression.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace diaban::geo::sta {

namespace {

constexpr std::size_t most_bytes = 4000;
constexpr int most_depth = 40;
constexpr std::size_t most_orderings = 8;

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@';
}
bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool in_name(char c) noexcept {
    return is_letter(c) || is_digit(c) || c == '.' || c == '/';
}
/// What a number or a time without quotes is made of.
bool in_number(char c) noexcept {
    return is_digit(c) || is_letter(c) || c == '.' || c == ':' || c == '-' || c == '+';
}

/// By descent; each level of precedence is a function.
class Reader {
public:
    explicit Reader(std::string_view text) : m_text{text} {
        if (text.size() > most_bytes) refuse(most_bytes);
        skip();
    }

    Expression disjunction() {
        Depth const depth{*this};
        auto left = conjunction();
        while (auto const at = word({"or"}))
            left = call(at->second, at->first, {std::move(left), conjunction()});
        return left;
    }

    [[nodiscard]] bool at_end() const noexcept { return m_at == m_text.size(); }
    bool take(char c) {
        if (at_end() || m_text[m_at] != c) return false;
        ++m_at;
        skip();
        return true;
    }
    /// One of the words, as a word of its own, with where it stood.
    std::optional<std::pair<std::string_view, std::size_t>>
    word(std::initializer_list<std::string_view> words) {
        auto const here = name_at(m_at);
        for (auto const one : words) {
            if (here != one) continue;
            auto const at = m_at;
            m_at += one.size();
            skip();
            return std::pair{one, at};
        }
        return std::nullopt;
    }
    [[noreturn]] void refuse(std::size_t at) const {
        constexpr std::size_t most_said = 60;
        throw Error{
            Code::bad_input,
            "sta-syntax",
            {{"value", std::string{m_text.substr(std::min(at, m_text.size()), most_said)}}}};
    }
    [[noreturn]] void refuse() const { refuse(m_at); }

private:
    struct Depth {
        explicit Depth(Reader& of) : reader{of} {
            if (++reader.m_depth > most_depth) reader.refuse();
        }
        ~Depth() { --reader.m_depth; }
        Depth(Depth const&) = delete;
        Depth& operator=(Depth const&) = delete;
        Reader& reader;
    };

    static Expression call(std::size_t at, std::string_view name,
                           std::vector<Expression> arguments) {
        Expression made;
        made.kind = Expression::Kind::call;
        made.name = name;
        made.arguments = std::move(arguments);
        made.at = at;
        return made;
    }
    static Expression literal(std::size_t at, Literal value) {
        Expression made;
        made.literal = std::move(value);
        made.at = at;
        return made;
    }

    Expression conjunction() {
        auto left = negation();
        while (auto const at = word({"and"}))
            left = call(at->second, at->first, {std::move(left), negation()});
        return left;
    }
    Expression negation() {
        if (auto const at = word({"not"})) {
            Depth const depth{*this};
            return call(at->second, "not", {negation()});
        }
        return comparison();
    }
    Expression comparison() {
        auto left = sum();
        if (auto const at = word({"eq", "ne", "gt", "ge", "lt", "le"}))
            return call(at->second, at->first, {std::move(left), sum()});
        return left;
    }
    Expression sum() {
        auto left = product();
        while (auto const at = word({"add", "sub"}))
            left = call(at->second, at->first, {std::move(left), product()});
        return left;
    }
    Expression product() {
        auto left = unary();
        while (auto const at = word({"mul", "div", "mod"}))
            left = call(at->second, at->first, {std::move(left), unary()});
        return left;
    }
    Expression unary() {
        auto const at = m_at;
        if (m_at + 1 < m_text.size() && m_text[m_at] == '-' && !is_digit(m_text[m_at + 1])) {
            ++m_at;
            skip();
            Depth const depth{*this};
            return call(at, "negate", {unary()});
        }
        return primary();
    }
    Expression primary() {
        if (at_end()) refuse();
        auto const at = m_at;
        char const c = m_text[m_at];
        if (take('(')) {
            auto inner = disjunction();
            if (!take(')')) refuse();
            return inner;
        }
        if (c == '\'') return literal(at, quoted());
        if (is_digit(c) || c == '-') return number_or_time();
        if (is_letter(c)) return named();
        refuse();
    }

    std::string quoted() {
        std::string text;
        auto const begin = m_at++;
        for (;; ++m_at) {
            if (at_end()) refuse(begin);
            if (m_text[m_at] == '\'') {
                if (m_at + 1 >= m_text.size() || m_text[m_at + 1] != '\'') break;
                ++m_at; // two of them are one
            }
            text += m_text[m_at];
        }
        ++m_at;
        skip();
        return text;
    }

    Expression number_or_time() {
        auto const begin = m_at++;
        while (!at_end() && in_number(m_text[m_at])) ++m_at;
        auto const text = m_text.substr(begin, m_at - begin);
        skip();
        if (text.find(':') != std::string_view::npos) {
            if (auto const instant = codec::read_instant(text)) return literal(begin, *instant);
            refuse(begin);
        }
        double number = 0;
        auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (fault != std::errc{} || end != text.data() + text.size()) refuse(begin);
        return literal(begin, number);
    }

    Expression named() {
        auto const at = m_at;
        auto const name = name_at(m_at);
        m_at += name.size();
        if (!at_end() && m_text[m_at] == '\'') {
            if (name != "geography" && name != "geometry") refuse(at);
            return literal(at, Shape{quoted()});
        }
        skip();
        if (take('(')) return call(at, name, arguments());
        if (name == "true" || name == "false") return literal(at, name == "true");
        if (name == "null") return literal(at, std::monostate{});
        Expression property;
        property.kind = Expression::Kind::property;
        property.at = at;
        std::size_t begin = 0;
        while (begin <= name.size()) {
            auto const end = std::min(name.find('/', begin), name.size());
            if (end == begin) refuse(at);
            property.path.emplace_back(name.substr(begin, end - begin));
            begin = end + 1;
        }
        return property;
    }
    std::vector<Expression> arguments() {
        std::vector<Expression> all;
        if (take(')')) return all;
        do all.push_back(disjunction());
        while (take(','));
        if (!take(')')) refuse();
        return all;
    }

    [[nodiscard]] std::string_view name_at(std::size_t at) const noexcept {
        auto end = at;
        if (end < m_text.size() && is_letter(m_text[end]))
            while (end < m_text.size() && in_name(m_text[end])) ++end;
        return m_text.substr(at, end - at);
    }
    void skip() noexcept {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\t')) ++m_at;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    int m_depth = 0;
};

} // namespace

Expression read_expression(std::string_view text) {
    Reader reader{text};
    auto expression = reader.disjunction();
    if (!reader.at_end()) reader.refuse();
    return expression;
}

std::vector<Ordering> read_orderings(std::string_view text) {
    Reader reader{text};
    std::vector<Ordering> orderings;
    do {
        if (orderings.size() == most_orderings) reader.refuse();
        Ordering ordering{reader.disjunction(), false};
        if (auto const way = reader.word({"asc", "desc"}))
            ordering.descending = way->first == "desc";
        orderings.push_back(std::move(ordering));
    } while (reader.take(','));
    if (!reader.at_end()) reader.refuse();
    return orderings;
}

} // namespace diaban::geo::sta
