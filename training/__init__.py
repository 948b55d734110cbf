"""How the network is made: data, augmentation, model, training, export, evaluation."""
