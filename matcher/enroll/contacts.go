package enroll

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"leakwatch/leak"
)

// CheckContact says what is wrong with a contact, or nil.
func CheckContact(c leak.Contact) error {
	if strings.TrimSpace(c.Name) == "" {
		return errors.New("a contact needs a name: whom does one ask for on the telephone?")
	}
	switch c.Channel {
	case "email":
		a, err := mail.ParseAddress(c.Address)
		if err != nil || a.Address != c.Address {
			return fmt.Errorf("address %.100q: want a mailbox, such as security@clinic.example", c.Address)
		}
	case "webhook":
		u, err := url.Parse(c.Address)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
			return errors.New("address: want a URL, such as https://clinic.example/hooks/leakwatch, without a password in it")
		}
	default:
		return fmt.Errorf("channel %.20q: want email or webhook", c.Channel)
	}
	return nil
}

// PutContact adds a contact to a list, in the place of one with the same channel and address.
func PutContact(list []leak.Contact, c leak.Contact) []leak.Contact {
	return append(DropContact(list, c.Channel, c.Address), c)
}

// DropContact takes the contacts with an address out of a list; with channel "", on every channel.
func DropContact(list []leak.Contact, channel, address string) []leak.Contact {
	return slices.DeleteFunc(slices.Clone(list), func(c leak.Contact) bool {
		return strings.EqualFold(c.Address, address) && (channel == "" || c.Channel == channel)
	})
}

// ContactsWanting says what a clinic's contacts lack, or "": at least two who do not share a mailbox.
func ContactsWanting(list []leak.Contact) string {
	boxes := map[string]bool{}
	for _, c := range list {
		boxes[strings.ToLower(c.Address)] = true
	}
	switch len(boxes) {
	case 0:
		return "nobody is told: add two contacts who do not share a mailbox"
	case 1:
		return "only one mailbox is told: add a contact with another one"
	}
	return ""
}
