package configs

// Key is a registration key or a pepper.
type Key struct {
	ID         string
	Secret     Secret
	SearchOnly bool // tries what was made under it; nothing new is
}

// Keys are all secrets of a deployment. The first ring, index pepper and find pepper are the current ones.
type Keys struct {
	Rings, Index, Find  []Key
	Place               Secret
	Deployment          Identity // what clinics encrypt their bundles to
	DeploymentRecipient string
	Investigators       []string // age recipients
}
