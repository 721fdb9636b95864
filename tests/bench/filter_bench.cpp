// Typical filters on a million rows, on one thread: making an evaluation (the dictionaries are gone
// through) and asking it of every row. Prints lines of the table of ./run bench.

#include "geo/filter/cql2_text.hpp"
#include "geo/filter/filter.hpp"
#include "tests/bench/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <numbers>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

using namespace diaban;
using geo::filter::Answer;

namespace {

/// Parcels of 20 m in a square grid from (105.8, 18.2), in row-major order; fields as cadastres
/// have them. Codes and values are made as a mirror would have them: of many different areas and
/// times, of few land uses.
class Parcels final : public geo::filter::Columns {
public:
    explicit Parcels(std::size_t rows) : m_rows{rows}, m_side{std::size_t(std::sqrt(rows))} {
        std::mt19937_64 random{1};
        auto const normal = [&](double mean, double spread) {
            return std::max(1.0, std::normal_distribution<double>{mean, spread}(random));
        };
        auto const upto = [&](std::int64_t high) {
            return std::int64_t(random() % std::uint64_t(high));
        };
        constexpr std::array uses{"ONT", "ODT", "LUC", "CLN", "RSX", "RPH", "NTS", "SKC",
                                  "TMD", "DGT", "DTL", "SON", "MNC", "BCS", "NTD", "TSC"};
        constexpr std::array family{"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng", "Võ", "Bùi"};
        constexpr std::array middle{"Văn", "Thị", "Hữu", "Đức", "Ngọc", "Xuân", "Quốc", "Minh"};
        for (std::size_t i = 0; i < rows; ++i) {
            add("use", std::string{uses[std::size_t(std::min(upto(16), upto(16)))]});
            add("area", normal(400, 150));
            add("legal_area", normal(400, 150));
            add("sheet", upto(120));
            add("number", upto(900));
            add("registered", geo::Instant{1'600'000'000'000'000 + upto(160'000'000) * 1'000'000});
            add("issued", geo::Date{std::int32_t(18'000 + upto(2'200))});
            add("street", fmt::format("{} {} {}", family[std::size_t(upto(8))],
                                      middle[std::size_t(upto(8))], upto(3000)));
        }
    }

    static geo::Schema schema() {
        geo::Schema schema;
        schema.id = "parcels";
        schema.geometry = geo::GeometryKind::polygon;
        using geo::FieldType;
        for (auto const& [name, type] : {std::pair{"use", FieldType::text},
                                         {"area", FieldType::number},
                                         {"legal_area", FieldType::number},
                                         {"sheet", FieldType::integer},
                                         {"number", FieldType::integer},
                                         {"registered", FieldType::timestamp},
                                         {"issued", FieldType::date},
                                         {"street", FieldType::text}}) {
            geo::Field field;
            field.name = name;
            field.type = type;
            field.tile = true;
            schema.fields.push_back(std::move(field));
        }
        return schema;
    }

    [[nodiscard]] std::size_t rows() const noexcept override { return m_rows; }
    [[nodiscard]] geo::filter::Column column(std::string_view field) const override {
        auto const& coded = m_columns.at(std::string{field});
        return {coded.codes, &coded.values};
    }
    [[nodiscard]] std::int64_t fid(std::size_t row) const override { return std::int64_t(row); }
    [[nodiscard]] geo::Period valid(std::size_t row) const override {
        constexpr std::int64_t merger = 1'751'302'800'000'000; // 2025-07-01 in Viet Nam
        if (row % 3 == 0) return {geo::Period::open_begin, merger - 1};
        return {merger, geo::Period::open_end};
    }
    [[nodiscard]] bool has_geometry(std::size_t) const override { return true; }
    void near(geo::Box const& box, std::span<std::uint32_t const> rows,
              std::span<geo::filter::Nearness> answers) const override {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            using geo::filter::Nearness;
            answers[i] = !has_geometry(rows[i])               ? Nearness::none
                         : box.intersects(this->box(rows[i])) ? Nearness::near
                                                              : Nearness::far;
        }
    }
    [[nodiscard]] geo::Box box(std::size_t row) const override {
        double const x = 105.8 + double(row % m_side) * size;
        double const y = 18.2 + double(row / m_side) * size;
        return {x, y, x + size, y + size};
    }
    void geometry(std::size_t row, geo::Geometry& into) const override {
        auto const b = box(row);
        into.kind = geo::GeometryKind::polygon;
        into.positions = {{b.min_x, b.min_y},
                          {b.max_x, b.min_y},
                          {b.max_x, b.max_y},
                          {b.min_x, b.max_y},
                          {b.min_x, b.min_y}};
        into.path_ends = {5};
        into.part_ends = {1};
    }
    [[nodiscard]] double tolerance(std::size_t) const noexcept override { return 1e-7; }

    /// A commune: a ring of 5,000 positions about the middle, a seventieth of the whole.
    [[nodiscard]] std::string commune() const {
        double const width = double(m_side) * size;
        double const radius = width * std::sqrt(1 / (70 * std::numbers::pi));
        std::string ring;
        for (int i = 0; i <= 5000; ++i) {
            double const turn = 2 * std::numbers::pi * (i % 5000) / 5000;
            double const r = radius * (1 + 0.1 * std::sin(37 * turn));
            ring +=
                fmt::format("{}{} {}", i == 0 ? "" : ",", 105.8 + width / 2 + r * std::cos(turn),
                            18.2 + width / 2 + r * std::sin(turn));
        }
        return "POLYGON((" + ring + "))";
    }

private:
    static constexpr double size = 0.0002; // degrees: about 20 m

    struct Values final : geo::filter::Dictionary {
        [[nodiscard]] std::size_t size() const noexcept override { return held.size(); }
        [[nodiscard]] geo::ValueView value(std::uint32_t code) const noexcept override {
            return std::visit([](auto const& of) -> geo::ValueView { return of; }, held[code]);
        }
        std::vector<geo::Value> held{{}};
    };
    struct Coded {
        Values values;
        std::vector<std::uint32_t> codes;
        std::unordered_map<std::string, std::uint32_t> known;
    };

    void add(std::string const& field, geo::Value value) {
        auto& coded = m_columns[field];
        auto const key = std::visit(
            []<typename T>(T const& of) {
                if constexpr (std::is_same_v<T, std::string>)
                    return of;
                else if constexpr (std::is_same_v<T, geo::Instant>)
                    return std::to_string(of.microseconds);
                else if constexpr (std::is_same_v<T, geo::Date>)
                    return std::to_string(of.days);
                else if constexpr (std::is_same_v<T, std::monostate>)
                    return std::string{};
                else
                    return fmt::format("{}", of);
            },
            value);
        auto const next = std::uint32_t(coded.values.held.size());
        auto const [at, fresh] = coded.known.emplace(key, next);
        if (fresh) coded.values.held.push_back(std::move(value));
        coded.codes.push_back(at->second);
    }

    std::size_t m_rows;
    std::size_t m_side;
    std::unordered_map<std::string, Coded> m_columns;
};

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Typical filters on a million rows"};
    std::size_t rows = 1'000'000;
    std::size_t rounds = 9;
    std::string lines;
    std::string only;
    app.add_option("--only", only, "Filters whose name holds this");
    app.add_option("--rows", rows, "How many")->capture_default_str();
    app.add_option("--rounds", rounds, "Times each")->capture_default_str();
    app.add_option("--lines", lines, "A file that the lines of the table are added to");
    CLI11_PARSE(app, argc, argv);

    Parcels const parcels{rows};
    auto const schema = Parcels::schema();
    std::pair<std::string, std::string> const filters[] = {
        {"use and area", "use = 'ONT' AND area > 500"},
        {"list, range, time", "use IN ('ONT','ODT','TMD') AND area BETWEEN 100 AND 400 AND "
                              "registered >= TIMESTAMP('2023-01-01T00:00:00Z')"},
        {"sheet and number", "sheet = 12 AND number = 345"},
        {"not, or, like", "NOT (use LIKE 'R%' OR issued < DATE('2020-01-01'))"},
        {"word without accents", "ACCENTI(CASEI(street)) LIKE ACCENTI(CASEI('%đặng văn 1%'))"},
        {"two columns", "area > legal_area * 1.05 AND use = 'ONT'"},
        {"validity", "T_INTERSECTS(valid, DATE('2025-07-01')) AND use = 'LUC'"},
        {"commune of 5,000 positions", "S_INTERSECTS(geometry, " + parcels.commune() + ")"},
        {"commune and use",
         "use = 'ONT' AND area > 300 AND S_WITHIN(geometry, " + parcels.commune() + ")"},
    };
    bench::Table table{lines};
    for (auto const& [name, text] : filters) {
        if (name.find(only) == std::string::npos) continue;
        std::vector<double> wall;
        std::vector<double> processor;
        std::vector<double> asking; // of the processor's time
        std::vector<Answer> answers(rows);
        for (std::size_t round = 0; round < rounds; ++round) {
            auto const whole = bench::measured(bench::thread_time, [&] {
                auto const filter = geo::filter::Filter::make(geo::filter::read_text(text), schema,
                                                              geo::Policy::everything());
                geo::filter::Evaluation const evaluation{filter, parcels, rows};
                asking.push_back(
                    bench::measured(bench::thread_time, [&] { evaluation.range(0, answers); }).cpu);
            });
            wall.push_back(whole.wall);
            processor.push_back(whole.cpu);
        }
        auto const what = fmt::format("filter, {} rows: {}", rows, name);
        table.line(what, bench::quantile(wall, 0.5), 0, "", "<= 50 ms");
        table.line(what + ", processor time", bench::quantile(processor, 0.5), 0, "", "<= 50 ms");
        std::cout << fmt::format("  {} found, {} in doubt; {:.1f} ms of it to ask every row\n",
                                 std::count(answers.begin(), answers.end(), Answer::yes),
                                 std::count(answers.begin(), answers.end(), Answer::doubtful),
                                 bench::quantile(asking, 0.5));
    }
    return 0;
}
