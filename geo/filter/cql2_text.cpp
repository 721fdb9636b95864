#include "geo/filter/cql2_text.hpp"

#include "geo/codec/rfc3339.hpp"
#include "geo/error.hpp"
#include "geo/filter/cql2_shape.hpp"
#include "geo/filter/cql2_tokens.hpp"
#include "geo/filter/form.hpp"

#include <utility>

namespace diaban::geo::filter {

namespace {

using Arguments = std::vector<Expression>;

constexpr std::string_view operand_words =
    "property, 'text', number, TRUE, FALSE, DATE(), TIMESTAMP(), INTERVAL(), geometry, BBOX(), "
    "CASEI(), ACCENTI(), function(), (";

/// Recursive descent, one function a rule. A parenthesis may open a predicate, an arithmetic
/// expression or an array, so operands are read by one set of rules, and make_call holds each to
/// what the grammar allows in its place.
class Reader {
public:
    Reader(std::string_view text, bool draft) : m_tokens{text}, m_draft{draft} {}

    Expression whole() {
        auto expression = disjunction();
        if (now().kind != Token::Kind::end) unexpected("AND, OR");
        require_form(expression, boolean_forms);
        return expression;
    }

private:
    [[nodiscard]] Token const& now() const noexcept { return m_tokens.now(); }

    [[noreturn]] void unexpected(std::string_view accepted) const {
        refuse(now().position, now().spelling, accepted);
    }

    static void require_form(Expression const& expression, std::uint16_t forms) {
        if ((form_of(expression) & forms) == 0)
            refuse(expression.position, words_of(form_of(expression)), words_of(forms));
    }

    Expression counted(Expression expression) {
        if (++m_nodes > max_nodes) refuse_size(m_nodes, max_nodes, "nodes");
        return expression;
    }

    /// make_call; what it objects to stands at the operand's position.
    Expression call(Op op, Arguments arguments, std::uint32_t position, std::string function = {}) {
        std::string const name = op == Op::function ? function : std::string{name_of(op)};
        std::vector<std::string> found;
        for (auto const& argument : arguments) found.push_back(words_of(form_of(argument)));
        try {
            return counted(make_call(op, std::move(function), std::move(arguments), position));
        } catch (FormError const& error) {
            refuse(error.position, error.operand < found.size() ? found[error.operand] : name,
                   error.accepted);
        }
    }

    /// One level deeper while it lives.
    struct Level {
        explicit Level(std::uint32_t& depth) : m_depth{depth} {
            if (++m_depth > max_depth) refuse_size(m_depth, max_depth, "levels");
        }
        ~Level() { --m_depth; }
        Level(Level const&) = delete;
        Level& operator=(Level const&) = delete;
        std::uint32_t& m_depth;
    };

    Expression chain(Op op, std::string_view word, Expression (Reader::*next)()) {
        auto const position = now().position;
        auto first = (this->*next)();
        if (!now().is_word(word)) return first;
        Arguments arguments;
        arguments.push_back(std::move(first));
        while (m_tokens.accept(word)) arguments.push_back((this->*next)());
        return call(op, std::move(arguments), position);
    }

    Expression disjunction() {
        Level const level{m_depth};
        return chain(Op::disjunction, "OR", &Reader::conjunction);
    }
    Expression conjunction() { return chain(Op::conjunction, "AND", &Reader::factor); }

    Expression factor() {
        auto const position = now().position;
        if (!m_tokens.accept("NOT")) return predicate();
        return negated(predicate(), position);
    }

    Expression negated(Expression expression, std::uint32_t position) {
        Arguments arguments;
        arguments.push_back(std::move(expression));
        return call(Op::negation, std::move(arguments), position);
    }

    Expression predicate() {
        auto left = sum();
        auto const position = left.position;
        if (now().kind == Token::Kind::sign) {
            auto const op = op_named(now().spelling);
            if (op && is_comparison(*op)) {
                m_tokens.advance();
                Arguments arguments;
                arguments.push_back(std::move(left));
                arguments.push_back(sum());
                left = call(*op, std::move(arguments), position);
            }
        } else if (now().is_word("NOT") || now().is_word("LIKE") || now().is_word("BETWEEN") ||
                   now().is_word("IN") || is_ilike()) {
            bool const inverted = m_tokens.accept("NOT");
            left = list_predicate(std::move(left), position);
            if (inverted) left = negated(std::move(left), position);
        }
        if (!m_tokens.accept("IS")) return left;
        bool const inverted = m_tokens.accept("NOT");
        m_tokens.require("NULL");
        Arguments arguments;
        arguments.push_back(std::move(left));
        auto null = call(Op::is_null, std::move(arguments), position);
        return inverted ? negated(std::move(null), position) : std::move(null);
    }

    [[nodiscard]] bool is_ilike() const noexcept { return m_draft && now().is_word("ILIKE"); }

    Expression caseless(Expression text) {
        auto const position = text.position;
        Arguments arguments;
        arguments.push_back(std::move(text));
        return call(Op::casei, std::move(arguments), position);
    }

    Expression list_predicate(Expression left, std::uint32_t position) {
        Arguments arguments;
        if (is_ilike()) {
            m_tokens.advance();
            arguments.push_back(caseless(std::move(left)));
            arguments.push_back(caseless(sum()));
            return call(Op::like, std::move(arguments), position);
        }
        arguments.push_back(std::move(left));
        if (m_tokens.accept("LIKE")) {
            arguments.push_back(sum());
            return call(Op::like, std::move(arguments), position);
        }
        if (m_tokens.accept("BETWEEN")) {
            arguments.push_back(sum());
            m_tokens.require("AND");
            arguments.push_back(sum());
            return call(Op::between, std::move(arguments), position);
        }
        if (!m_tokens.accept("IN")) unexpected("LIKE, BETWEEN, IN");
        m_tokens.require("(");
        append_list(arguments);
        return call(Op::in, std::move(arguments), position);
    }

    /// Expressions up to the closing parenthesis.
    void append_list(Arguments& arguments) {
        do arguments.push_back(disjunction());
        while (m_tokens.accept(","));
        if (!m_tokens.accept(")")) unexpected(", )");
    }

    Expression binary(Op op, Expression left, Expression right) {
        auto const position = left.position;
        Arguments arguments;
        arguments.push_back(std::move(left));
        arguments.push_back(std::move(right));
        return call(op, std::move(arguments), position);
    }

    Expression sum() {
        auto left = term();
        for (;;) {
            if (m_tokens.accept("+"))
                left = binary(Op::add, std::move(left), term());
            else if (m_tokens.accept("-"))
                left = binary(Op::subtract, std::move(left), term());
            else
                return left;
        }
    }

    Expression term() {
        auto left = power();
        for (;;) {
            if (m_tokens.accept("*"))
                left = binary(Op::multiply, std::move(left), power());
            else if (m_tokens.accept("/"))
                left = binary(Op::divide, std::move(left), power());
            else if (m_tokens.accept("%"))
                left = binary(Op::modulo, std::move(left), power());
            else if (m_tokens.accept("DIV"))
                left = binary(Op::integer_divide, std::move(left), power());
            else
                return left;
        }
    }

    Expression power() {
        auto base = signed_operand();
        if (!m_tokens.accept("^")) return base;
        return binary(Op::power, std::move(base), signed_operand());
    }

    /// A minus before a number belongs to it; before anything else it is a product with -1.
    Expression signed_operand() {
        auto const position = now().position;
        bool const negative = m_tokens.accept("-");
        if (!negative && !m_tokens.accept("+")) return operand();
        if (now().kind == Token::Kind::number) {
            auto number = number_of(m_tokens.take(), negative);
            number.position = position;
            return counted(std::move(number));
        }
        if (!negative) unexpected("number");
        if (now().is("(")) unexpected("number, property, function()");
        auto product = binary(Op::multiply, {std::int64_t{-1}, position}, operand());
        return product;
    }

    Expression operand() {
        auto const position = now().position;
        switch (now().kind) {
        case Token::Kind::number: return counted(number_of(m_tokens.take(), false));
        case Token::Kind::text: return counted({m_tokens.take().value, position});
        case Token::Kind::name:
            if (m_tokens.parenthesis_follows()) unexpected("property");
            return counted({Property{m_tokens.take().value}, position});
        case Token::Kind::word: return word();
        case Token::Kind::sign:
            if (m_tokens.accept("(")) return enclosed(position);
            [[fallthrough]];
        case Token::Kind::end: break;
        }
        unexpected(operand_words);
    }

    /// After "(": one expression is itself, none or several are an array.
    Expression enclosed(std::uint32_t position) {
        Arguments elements;
        if (!m_tokens.accept(")")) append_list(elements);
        if (elements.size() == 1) return std::move(elements.front());
        return counted(make_array(std::move(elements), position));
    }

    Expression word() {
        auto const position = now().position;
        if (begins_shape(now())) return counted(read_shape(m_tokens));
        if (now().is_word("TRUE") || now().is_word("FALSE"))
            return counted({m_tokens.take().is_word("TRUE"), position});
        if (now().is_word("DATE") || now().is_word("TIMESTAMP")) return instant();
        if (now().is_word("INTERVAL")) return interval();
        auto const op = op_spelled(now().spelling);
        bool const standard = op && (*op == Op::casei || *op == Op::accenti || is_spatial(*op) ||
                                     is_temporal(*op) || is_array(*op));
        if (standard) {
            m_tokens.advance();
            return arguments_of(*op, {}, position);
        }
        if (!keyword(now().spelling).empty()) unexpected(operand_words);
        Token const name = m_tokens.take();
        if (now().is("(")) return arguments_of(Op::function, std::string{name.spelling}, position);
        return counted({Property{std::string{name.spelling}}, position});
    }

    Expression arguments_of(Op op, std::string function, std::uint32_t position) {
        m_tokens.require("(");
        Arguments arguments;
        if (op != Op::function || !m_tokens.accept(")")) append_array_list(op, arguments);
        return call(op, std::move(arguments), position, std::move(function));
    }

    /// Like append_list, but where arrays are wanted one element in parentheses is an array too.
    void append_array_list(Op op, Arguments& arguments) {
        if (!is_array(op)) return append_list(arguments);
        do {
            auto const position = now().position;
            bool const bracketed = now().is("(");
            auto argument = disjunction();
            if (bracketed && !std::holds_alternative<Array>(argument.node)) {
                Arguments one;
                one.push_back(std::move(argument));
                argument = counted(make_array(std::move(one), position));
            }
            arguments.push_back(std::move(argument));
        } while (m_tokens.accept(","));
        if (!m_tokens.accept(")")) unexpected(", )");
    }

    Token quoted(std::string_view accepted) {
        if (now().kind != Token::Kind::text) unexpected(accepted);
        return m_tokens.take();
    }

    Expression instant() {
        auto const position = now().position;
        bool const day = m_tokens.take().is_word("DATE");
        m_tokens.require("(");
        auto const accepted = day ? "'YYYY-MM-DD'" : "'YYYY-MM-DDThh:mm:ssZ'";
        auto const token = quoted(accepted);
        Expression expression{Open{}, position};
        if (auto const date = codec::read_date(token.value); day && date)
            expression.node = *date;
        else if (auto const moment = codec::read_instant(token.value); !day && moment)
            expression.node = *moment;
        else
            refuse(token.position, token.spelling, accepted);
        m_tokens.require(")");
        return counted(std::move(expression));
    }

    Expression interval() {
        auto const position = now().position;
        m_tokens.advance();
        m_tokens.require("(");
        Arguments ends;
        ends.push_back(interval_end());
        m_tokens.require(",");
        ends.push_back(interval_end());
        m_tokens.require(")");
        return counted(make_interval(std::move(ends), position));
    }

    Expression interval_end() {
        constexpr std::string_view accepted =
            "'YYYY-MM-DD', 'YYYY-MM-DDThh:mm:ssZ', '..', property, function()";
        auto const position = now().position;
        if (now().kind == Token::Kind::text) {
            auto const token = m_tokens.take();
            if (token.value == "..") return counted({Open{}, position});
            if (auto const date = codec::read_date(token.value)) return counted({*date, position});
            if (auto const moment = codec::read_instant(token.value))
                return counted({*moment, position});
            refuse(position, token.spelling, accepted);
        }
        auto const spelling = now().spelling;
        auto end = operand();
        if ((form_of(end) & (form_property | form_function)) == 0)
            refuse(position, spelling, accepted);
        return end;
    }

    Tokens m_tokens;
    bool m_draft;
    std::uint32_t m_depth = 0;
    std::size_t m_nodes = 0;
};

} // namespace

Expression read_text(std::string_view text) {
    if (text.size() > max_bytes) refuse_size(text.size(), max_bytes, "bytes");
    return Reader{text, false}.whole();
}

Expression read_draft_text(std::string_view text) {
    if (text.size() > max_bytes) refuse_size(text.size(), max_bytes, "bytes");
    return Reader{text, true}.whole();
}

} // namespace diaban::geo::filter
