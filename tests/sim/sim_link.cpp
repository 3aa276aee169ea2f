#include "tests/sim/sim_link.h"

namespace landline::sim {

void SimLink::setCut(bool cut) {
    m_isCut = cut;
    if (cut) breakNow();
}

void SimLink::connect() {
    if (isUp() || m_isCut || !m_a.isRunning() || !m_b.isRunning()) return;
    // Two programs with one device key meet nowhere but here: by the instance in their hellos.
    if (m_a.device() == m_b.device()) m_context.wantsNewDevice(m_b);
    m_context.note("session " + m_a.name() + " - " + m_b.name());
    m_sideA = std::make_shared<SimSession>(&m_a, &m_b, m_context.sessions++);
    m_sideB = std::make_shared<SimSession>(&m_b, &m_a, m_context.sessions++);
    m_sideA->other = m_sideB;
    m_sideB->other = m_sideA;
    for (const SessionPtr& side : {m_sideA, m_sideB}) {
        side->link = this;
        side->room = 1 + m_context.random.below(8);
        side->node->opened(side);
    }
}

void SimLink::breakNow() {
    if (isUp()) {
        m_context.note("session " + m_a.name() + " - " + m_b.name() + " breaks");
        for (const SessionPtr& side : {m_sideA, m_sideB}) {
            side->isOpen = false;
            side->node->closed(side);
        }
    }
    if (!m_isCut) m_context.scheduler.after(SimTime(1000) + m_context.delay(500'000), [this] { connect(); });
}

}  // namespace landline::sim
