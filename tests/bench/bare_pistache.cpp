/// The least that Pistache can do: one body, held in memory, for every request. What the edge of
/// Diaban is measured against.
///
///     bare_pistache PORT FILE [THREADS]

#include <pistache/endpoint.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

namespace {

class OneBody : public Pistache::Http::Handler {
public:
    HTTP_PROTOTYPE(OneBody)

    explicit OneBody(std::string body) : m_body{std::move(body)} {}

    void onRequest(Pistache::Http::Request const&,
                   Pistache::Http::ResponseWriter response) override {
        response.send(Pistache::Http::Code::Ok, m_body.data(), m_body.size());
    }

private:
    std::string m_body;
};

} // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "bare_pistache PORT FILE [THREADS]\n";
        return 2;
    }
    std::ifstream file{argv[2], std::ios::binary};
    std::ostringstream body;
    body << file.rdbuf();
    auto const port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    int const threads = argc > 3 ? std::atoi(argv[3]) : 2;

    Pistache::Http::Endpoint endpoint{Pistache::Address{"127.0.0.1", Pistache::Port{port}}};
    endpoint.init(Pistache::Http::Endpoint::options()
                      .threads(threads)
                      .flags(Pistache::Tcp::Options::ReuseAddr)
                      .maxResponseSize(64 << 20));
    endpoint.setHandler(std::make_shared<OneBody>(body.str()));
    endpoint.serve();
}
