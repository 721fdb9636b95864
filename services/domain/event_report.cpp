#include "services/domain/event_report.hpp"

#include "services/domain/local_clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>
#include <variant>

namespace diaban::services::domain {

namespace {

/// A code, and its words in both languages.
struct Word {
    std::string_view code;
    std::string_view vi;
    std::string_view en;
};

constexpr std::array<Word, 5> phases{{{"watch", "Theo dõi", "Watch"},
                                      {"prepare", "Chuẩn bị", "Prepare"},
                                      {"respond", "Ứng phó", "Respond"},
                                      {"recover", "Khắc phục", "Recover"},
                                      {"closed", "Kết thúc", "Closed"}}};
constexpr std::array<Word, 3> order_states{{{"issued", "Chờ xác nhận", "Issued"},
                                            {"acknowledged", "Đã xác nhận", "Acknowledged"},
                                            {"escalated", "Đã báo cấp trên", "Escalated"}}};
constexpr std::array<Word, 4> call_states{{{"new", "Mới", "New"},
                                           {"merged", "Đã gộp", "Merged"},
                                           {"assigned", "Đã điều đội", "Assigned"},
                                           {"done", "Đã cứu", "Done"}}};
constexpr std::array<Word, 3> team_states{
    {{"free", "Sẵn sàng", "Free"}, {"busy", "Đang làm nhiệm vụ", "Busy"}, {"off", "Nghỉ", "Off"}}};
constexpr std::size_t priorities = 4;

/// Composes in one of the languages.
class Page {
public:
    explicit Page(bool english) : m_english{english} {}

    [[nodiscard]] std::string_view say(std::string_view vi, std::string_view en) const noexcept {
        return m_english ? en : vi;
    }
    template <std::size_t count>
    [[nodiscard]] std::string_view word(std::array<Word, count> const& words,
                                        std::string_view code) const noexcept {
        auto const* const found = std::ranges::find(words, code, &Word::code);
        return found == words.end() ? code : say(found->vi, found->en);
    }
    void heading(std::string_view vi, std::string_view en) {
        m_document.blocks.emplace_back(print::Heading{std::string{say(vi, en)}});
    }
    void paragraph(std::vector<print::Run> runs) {
        m_document.blocks.emplace_back(print::Paragraph{std::move(runs)});
    }
    void note(std::string text) { m_document.blocks.emplace_back(print::Note{std::move(text)}); }
    /// What `row` adds to, until the next.
    void head(std::vector<std::string> cells) {
        m_document.blocks.emplace_back(print::Table{std::move(cells), {}});
    }
    void row(std::vector<std::string> const& cells, bool strong = false) {
        auto& table = std::get<print::Table>(m_document.blocks.back());
        auto& row = table.rows.emplace_back();
        for (auto const& cell : cells) row.push_back({cell, strong});
    }
    void not_shown() {
        paragraph({{std::string{
            say("Không thuộc quyền xem của người đọc.", "Not for this reader to see.")}}});
    }
    /// Where the figures above come from, and how old the latest of them is.
    void source(EventRecord const& record, std::string_view id) {
        auto const& from = record.sources.find(id)->second;
        auto const& title = m_english ? from.title.en : from.title.vi;
        auto text = fmt::format("{}: {} ({}). ", say("Nguồn", "Source"), title, id);
        if (from.newest)
            text += fmt::format("{} {} ({}).", say("Ghi nhận mới nhất lúc", "Latest entry at"),
                                local_clock(*from.newest), age(record.at, *from.newest));
        else
            text += say("Chưa có ghi nhận nào.", "No entry yet.");
        if (from.synthetic) text += fmt::format(" {}", say("DỮ LIỆU GIẢ LẬP.", "SYNTHETIC DATA."));
        note(std::move(text));
    }
    [[nodiscard]] print::Document take(std::string title) && {
        m_document.title = std::move(title);
        return std::move(m_document);
    }

private:
    [[nodiscard]] std::string age(geo::Instant at, geo::Instant then) const {
        auto const minutes = (at.microseconds - then.microseconds) / 60'000'000;
        auto const [count, unit] = minutes < 120 ? std::pair{minutes, say("phút", "min")}
                                   : minutes < 2'880
                                       ? std::pair{minutes / 60, say("giờ", "h")}
                                       : std::pair{minutes / 1'440, say("ngày", "days")};
        return m_english ? fmt::format("{} {} before", count, unit)
                         : fmt::format("trước đó {} {}", count, unit);
    }

    bool m_english;
    print::Document m_document;
};

/// What is empty shows that.
std::string told(std::string const& text) {
    return text.empty() ? "–" : text;
}

std::string clock(std::optional<geo::Instant> const& at) {
    return at ? local_clock(*at) : std::string{"–"};
}

std::string number(std::size_t count) {
    return std::to_string(count);
}

/// How many rows have each of the codes; those of another code come last.
template <std::size_t count, class Rows, class Code>
std::array<std::size_t, count + 1> by_code(std::array<Word, count> const& words, Rows const& rows,
                                           Code const& code) {
    std::array<std::size_t, count + 1> counts{};
    for (auto const& one : rows) {
        auto const* const found = std::ranges::find(words, code(one), &Word::code);
        ++counts[std::size_t(found - words.begin())];
    }
    return counts;
}

/// A line a code, and their total.
template <std::size_t count, class Rows, class Code>
void count_table(Page& page, std::string_view title, std::array<Word, count> const& words,
                 Rows const& rows, Code const& code) {
    auto const counts = by_code(words, rows, code);
    page.head({std::string{title}, std::string{page.say("Số", "Number")}});
    for (std::size_t i = 0; i < count; ++i)
        page.row({std::string{page.say(words[i].vi, words[i].en)}, number(counts[i])});
    if (counts[count] > 0)
        page.row({std::string{page.say("Không rõ", "Not known")}, number(counts[count])});
    page.row({std::string{page.say("Tổng", "Total")}, number(rows.size())}, true);
}

void add_phases(Page& page, EventRecord const& record) {
    auto const& now = record.phases.back();
    page.paragraph({{fmt::format("{}: ", page.say("Giai đoạn", "Phase"))},
                    {std::string{page.word(phases, now.phase)}, true},
                    {fmt::format(" ({} {})", page.say("từ", "since"), clock(now.at))}});
    page.heading("Diễn biến giai đoạn", "Phases");
    page.head({std::string{page.say("Từ", "From")}, std::string{page.say("Giai đoạn", "Phase")},
               std::string{page.say("Người ghi", "By")}});
    for (auto const& one : record.phases)
        page.row({clock(one.at), std::string{page.word(phases, one.phase)}, told(one.by)});
    page.source(record, "disaster_events");
}

void add_orders(Page& page, EventRecord const& record) {
    page.heading("Mệnh lệnh", "Orders");
    if (!record.orders) return page.not_shown();
    count_table(page, page.say("Tình trạng", "State"), order_states, *record.orders,
                [](EventOrder const& one) { return one.state; });
    if (record.orders->empty()) return page.source(record, "event_orders");
    page.head({std::string{page.say("Đơn vị", "Unit")}, std::string{page.say("Người nhận", "To")},
               std::string{page.say("Nội dung", "Text")},
               std::string{page.say("Ra lệnh", "Issued")},
               std::string{page.say("Xác nhận", "Acknowledged")},
               std::string{page.say("Báo cấp trên", "Escalated")}});
    for (auto const& one : *record.orders) {
        auto receipt = clock(one.acknowledged_at);
        if (!one.acknowledged_by.empty()) receipt += ", " + told(one.acknowledged_by);
        auto superior = clock(one.escalated_at);
        if (!one.escalated_to.empty()) superior += ", " + told(one.escalated_to);
        page.row({told(one.unit), told(one.to), told(one.text), clock(one.issued_at),
                  std::move(receipt), std::move(superior)});
    }
    page.source(record, "event_orders");
}

/// Lines by priority, columns by state, and totals of both.
void add_call_table(Page& page, std::vector<EventCall> const& calls) {
    std::vector<std::string> head{std::string{page.say("Ưu tiên", "Priority")}};
    for (auto const& one : call_states) head.emplace_back(page.say(one.vi, one.en));
    head.emplace_back(page.say("Tổng", "Total"));
    page.head(head);
    auto const line = [&](std::string const& title, std::vector<EventCall> const& some,
                          bool strong) {
        std::vector<std::string> cells{title};
        auto const counts =
            by_code(call_states, some, [](EventCall const& one) { return one.state; });
        for (std::size_t i = 0; i < call_states.size(); ++i) cells.push_back(number(counts[i]));
        cells.push_back(number(some.size()));
        page.row(cells, strong);
    };
    for (std::size_t priority = 1; priority <= priorities; ++priority) {
        std::vector<EventCall> some;
        std::ranges::copy_if(calls, std::back_inserter(some), [&](EventCall const& one) {
            return one.priority == std::int64_t(priority);
        });
        line(number(priority), some, false);
    }
    line(std::string{page.say("Tổng", "Total")}, calls, true);
}

void add_calls(Page& page, EventRecord const& record) {
    page.heading("Cuộc gọi cứu nạn", "Rescue calls");
    if (!record.calls) return page.not_shown();
    add_call_table(page, *record.calls);
    std::int64_t waiting = 0;
    std::int64_t sent = 0;
    std::int64_t done = 0;
    for (auto const& one : *record.calls) { // what was merged is told of by another call
        if (one.state == "new") waiting += one.people;
        if (one.state == "assigned") sent += one.people;
        if (one.state == "done") done += one.people;
    }
    page.paragraph({{fmt::format(
        "{}: {} {}, {} {}, {} {}; {} {}.",
        page.say("Người (không kể cuộc gọi đã gộp)", "People (merged calls aside)"), waiting,
        page.say("đang chờ", "waiting"), sent, page.say("đã có đội đến", "with a team sent"), done,
        page.say("đã cứu", "rescued"), page.say("tổng", "in all"), waiting + sent + done)}});
    page.source(record, "rescue_calls");
}

void add_teams(Page& page, EventRecord const& record) {
    page.heading("Đội cứu nạn", "Rescue teams");
    if (!record.teams) return page.not_shown();
    count_table(page, page.say("Tình trạng", "State"), team_states, *record.teams,
                [](EventTeam const& one) { return one.state; });
    page.source(record, "rescue_teams");
}

void add_bulletins(Page& page, EventRecord const& record) {
    page.heading("Bản tin chính thức", "Official bulletins");
    if (!record.bulletins) return page.not_shown();
    page.head({std::string{page.say("Xác nhận lúc", "Confirmed at")},
               std::string{page.say("Bão", "Storm")}, std::string{page.say("Mã", "Key")}});
    for (auto const& one : *record.bulletins)
        page.row({clock(one.confirmed_at), told(one.storm), told(one.key)});
    page.source(record, "storm_bulletins");
}

} // namespace

print::Document event_report(EventRecord const& record, bool english) {
    Page page{english};
    page.paragraph(
        {{fmt::format("{} {} (UTC+7).", page.say("Theo số liệu ghi nhận đến", "As recorded until"),
                      local_clock(record.at))}});
    add_phases(page, record);
    add_orders(page, record);
    add_calls(page, record);
    add_teams(page, record);
    add_bulletins(page, record);
    return std::move(page).take(
        fmt::format("{}: {}", page.say("Báo cáo nhanh", "Situation report"), told(record.name)));
}

} // namespace diaban::services::domain
