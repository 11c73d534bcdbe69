package email

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"

	"github.com/wneessen/go-mail"

	"leakwatch/alerts/message"
	"leakwatch/leak"
)

// compose makes the mail of a delivery: the same one at each attempt.
func (m *Mailer) compose(d leak.Delivery) (*mail.Msg, error) {
	id, err := m.messageID(d.ID)
	if err != nil {
		return nil, err
	}
	to, err := netmail.ParseAddress(d.Contact.Address)
	if err != nil || to.Name != "" || strings.ContainsFunc(to.Address, unicode.IsControl) {
		return nil, fmt.Errorf("mail: the contact's address is no mailbox: %w", leak.ErrPermanent)
	}
	to.Name = strings.TrimSpace(strings.Map(printable, d.Contact.Name))
	msg := mail.NewMsg(mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingQP), mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(m.from)
	msg.ToMailAddress(to)
	msg.Subject(message.Subject(d, m.says))
	msg.SetMessageIDWithValue(id)
	msg.SetDateWithValue(d.Created.UTC())
	if d.Thread != "" && d.Thread != d.ID {
		thread, err := m.messageID(d.Thread)
		if err != nil {
			return nil, err
		}
		msg.SetGenHeader(mail.HeaderInReplyTo, "<"+thread+">")
		msg.SetGenHeader(mail.HeaderReferences, "<"+thread+">")
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's holiday should answer
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")  // the same for Exchange
	msg.SetGenHeader(mail.HeaderXMailer, m.agent)
	msg.SetBodyString(mail.TypeTextPlain, strings.ReplaceAll(message.Text(d, m.says), "\n", "\r\n"))
	return msg, nil
}

// messageID is the Message-ID of a delivery, without its brackets.
func (m *Mailer) messageID(delivery string) (string, error) {
	if delivery == "" || len(delivery) > 200 || strings.Trim(delivery, atoms) != "" {
		return "", fmt.Errorf("mail: an id that fits no Message-ID: %w", leak.ErrPermanent)
	}
	return delivery + "@" + m.domain, nil
}

// atoms are the characters of ids.
const atoms = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

func printable(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
		return ' '
	}
	return r
}
