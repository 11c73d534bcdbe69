//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"time"
)

// common is what every node has. What TestingTorNetwork implies is here for the onion service's node, which does
// without it: it would replace its introduction points every 10 to 30 seconds.
//
//   - OutboundBindAddress: the kernel refuses a connection from 127.0.0.1 to anything but loopback, so nothing leaves
//     the machine.
//   - EnforceDistinctSubnets, …AllowPrivateAddresses, Client…Reject…: all relays share one address, a private one.
//   - Schedulers Vanilla: with KIST, the default, a stream through loopback has half the throughput.
//   - LearnCircuitBuildTimeout: a timeout learnt on idle loopback may be too short for a busy machine.
//   - UseDefaultFallbackDirs: otherwise a client may try the public ones.
func (w *network) common(n *node) string {
	return fmt.Sprintf(`DataDirectory %[1]s
Log notice file %[1]s/log
SafeLogging 0
Nickname %[2]s
Address 127.0.0.1
OutboundBindAddress 127.0.0.1
ControlPort 127.0.0.1:%[3]d
CookieAuthentication 1
NumCPUs 1
MaxMemInQueues 512 MB
AvoidDiskWrites 1
ShutdownWaitLength 0
UseDefaultFallbackDirs 0
EnforceDistinctSubnets 0
ExtendAllowPrivateAddresses 1
DirAllowPrivateAddresses 1
ClientRejectInternalAddresses 0
ClientDNSRejectInternalAddresses 0
Schedulers Vanilla
LearnCircuitBuildTimeout 0
CircuitBuildTimeout 15
`, n.dir, n.name, n.control) + w.dirAuth
}

// relay: its bandwidth is not reported for a day, or the first vote may hold one relay with 1 kB/s and zeros for all
// others, and clients then choose that one for every hop and build no circuit. It asks no name server: the one it is
// told of is not there.
func (w *network) relay(n *node) string {
	return w.common(n) + fmt.Sprintf(`TestingTorNetwork 1
TestingMinTimeToReportBandwidth 1 day
SocksPort 0
ORPort 127.0.0.1:%d
AssumeReachable 1
ContactInfo tornet@example.test
ExitRelay 1
ExitPolicyRejectPrivate 0
ExitPolicy accept *:*
ServerDNSResolvConfFile %s
ServerDNSAllowBrokenConfig 1
ServerDNSDetectHijacking 0
`, n.orPort, filepath.Join(w.dir, resolvFile))
}

// votePeriod is the seconds between two first votes. It is long, and the first vote as far away as it can be: vote moves
// it to "now" as soon as all relays have registered, so that the first consensus is complete.
const votePeriod = 300

// authority: with a voting interval of an hour, nodes with TestingTorNetwork derive the same period for onion services (24
// hours) as the one without, and the consensus stays as it is while tests run. The cc_ parameters widen the congestion
// window of onion circuits, which is made for six hops of a slow network: three times the throughput.
func (w *network) authority(n *node) string {
	return w.relay(n) + fmt.Sprintf(`DirPort 127.0.0.1:%d
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
V3AuthVotingInterval 3600
V3AuthVoteDelay 2
V3AuthDistDelay 2
V3AuthNIntervalsValid 24
TestingV3AuthInitialVotingInterval %d
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
TestingV3AuthVotingStartOffset %d
TestingDirAuthVoteExit *
TestingDirAuthVoteGuard *
TestingDirAuthVoteHSDir *
AuthDirTestReachability 0
ConsensusParams cc_sscap_onion=4000 cc_vegas_alpha_onion=900 cc_vegas_beta_onion=1000 cc_vegas_gamma_onion=900 cc_vegas_delta_onion=2000
`, n.dirPort, votePeriod, (time.Now().Unix()-5)%votePeriod)
}

// client: each SOCKS user has circuits of its own.
func (w *network) clientNode(n *node) string {
	return w.common(n) + fmt.Sprintf("TestingTorNetwork 1\nSocksPort 127.0.0.1:%d IsolateSOCKSAuth\n", n.socks)
}

func (w *network) serviceNode(n *node) string {
	return w.common(n) + fmt.Sprintf("SocksPort 0\nHiddenServiceDir %s/onion\nHiddenServiceVersion 3\nHiddenServicePort %d 127.0.0.1:%d\n",
		n.dir, w.port, w.target)
}
