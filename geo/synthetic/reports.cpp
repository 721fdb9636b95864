#include "geo/synthetic/random.hpp"
#include "geo/synthetic/town.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace diaban::geo::synthetic {

namespace {

constexpr std::uint64_t said = 700; // purpose of the hashed numbers

constexpr std::int64_t second = 1'000'000; // microseconds
constexpr std::int64_t day = 86'400 * second;
constexpr double period_days = 90;

/// A kind of report: how often, how many days it may take, and what is said.
struct Subject {
    std::string_view category;
    unsigned percent;
    int days;
    std::string_view agency;
    std::array<std::string_view, 3> titles;
};

constexpr std::array<Subject, 11> subjects{{
    {"road",
     21,
     10,
     "Phòng Kinh tế, Hạ tầng và Đô thị",
     {"Mặt đường hư hỏng, có ổ gà", "Nắp cống bị vỡ", "Lề đường sụt lún"}},
    {"flooding",
     15,
     3,
     "Ban Chỉ huy Phòng thủ dân sự",
     {"Đường ngập sau mưa lớn", "Cống thoát nước bị tắc", "Nước tràn vào nhà dân"}},
    {"waste",
     14,
     5,
     "Đơn vị vệ sinh môi trường",
     {"Rác chưa được thu gom", "Đổ rác không đúng nơi quy định", "Điểm tập kết rác quá tải"}},
    {"lighting",
     11,
     7,
     "Đơn vị quản lý chiếu sáng",
     {"Đèn đường không sáng", "Đèn đường chập chờn", "Cột đèn bị nghiêng"}},
    {"pollution",
     8,
     15,
     "Phòng Nông nghiệp và Môi trường",
     {"Mùi hôi từ cơ sở chăn nuôi", "Nước thải chảy ra kênh", "Khói bụi từ xưởng sản xuất"}},
    {"water", 8, 5, "Đơn vị cấp nước", {"Mất nước kéo dài", "Nước đục", "Vỡ ống cấp nước"}},
    {"power",
     7,
     2,
     "Điện lực khu vực",
     {"Mất điện", "Dây điện võng thấp", "Điện áp không ổn định"}},
    {"tree",
     5,
     5,
     "Đơn vị quản lý cây xanh",
     {"Cây xanh gãy đổ", "Cành cây vướng dây điện", "Cây mục có nguy cơ đổ"}},
    {"construction",
     4,
     15,
     "Phòng Kinh tế, Hạ tầng và Đô thị",
     {"Xây dựng lấn ra lòng đường", "Vật liệu xây dựng chắn lối đi", "Thi công gây nứt nhà"}},
    {"order",
     4,
     7,
     "Công an xã, phường",
     {"Gây ồn vào ban đêm", "Đỗ xe cản trở giao thông", "Tụ tập gây mất trật tự"}},
    {"other",
     3,
     15,
     "Trung tâm Phục vụ hành chính công",
     {"Góp ý về thủ tục", "Đề nghị lắp biển báo", "Phản ánh khác"}},
}};

Subject const& subject(double at) noexcept {
    double percent = at * 100;
    for (auto const& s : subjects) {
        if (percent < s.percent) return s;
        percent -= s.percent;
    }
    return subjects.front();
}

std::string_view status(double age_days, int days, Random& random) {
    double const progress = age_days / days * random.between(0.4, 1.6);
    if (progress < 0.1) return "received";
    if (progress < 0.3) return "investigating";
    if (progress < 0.45) return "planned";
    if (progress < 0.9) return "in_progress";
    double const end = random.unit();
    if (end < 0.82) return "fixed";
    if (end < 0.9) return "duplicate";
    return end < 0.95 ? "not_responsible" : "unable_to_fix";
}

std::string digits(std::uint64_t n, std::size_t width) {
    std::string text = std::to_string(n);
    return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
}

} // namespace

std::vector<Report> make_reports(ParcelMap const& map, std::uint64_t count, Instant now,
                                 std::uint64_t seed) {
    // Where people are: settlements twice as often as fields, open land never.
    std::vector<std::size_t> blocks;
    for (std::size_t i = 0; i < map.blocks().size(); ++i) {
        Tier const tier = map.blocks()[i].tier;
        if (tier == Tier::settlement) blocks.push_back(i);
        if (tier != Tier::open) blocks.push_back(i);
    }
    std::vector<Report> reports;
    for (std::uint64_t i = 0; i < count && !blocks.empty(); ++i) {
        Random random{mix(seed, said, i)};
        std::size_t const block = blocks[static_cast<std::size_t>(random.below(blocks.size()))];
        auto const rects = map.rects(block);
        Rect const& rect = rects[static_cast<std::size_t>(random.below(rects.size()))];
        Subject const& about = subject(random.unit());
        double const age = period_days * random.unit() * random.unit();

        Report report;
        report.at = map.land().degrees(rect.middle());
        report.commune = map.blocks()[block].commune;
        Commune const& commune = map.land().communes()[report.commune];
        report.code = "PA-" + digits(i + 1, 7);
        report.category = about.category;
        report.title = about.titles[static_cast<std::size_t>(random.below(about.titles.size()))];
        report.description = report.title + " tại " + commune.full_name +
                             ". (Phản ánh mô phỏng, không phải của người thật.)";
        report.status = status(age, about.days, random);
        std::int64_t const ago = static_cast<std::int64_t>(age * 86'400) * second;
        report.reported_at = {now.microseconds - ago};
        report.due_at = {report.reported_at.microseconds + about.days * day};
        report.agency = about.agency;
        report.reporter_name = "Người báo mẫu " + digits(i + 1, 6) + " (không có thật)";
        report.reporter_phone = "0000" + digits(i % 1'000'000, 6);
        reports.push_back(std::move(report));
    }
    return reports;
}

} // namespace diaban::geo::synthetic
